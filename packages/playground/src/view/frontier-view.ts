import type { FrontierToken } from "../api/wire.ts";
import type { RunState } from "../run/run-state.ts";
import { element } from "./elements.ts";
import { oncePerFrame } from "./frame.ts";
import { counted, percent, quoted } from "./numbers.ts";

/** The draft tokens in flight behind a text. */
export interface FrontierView {
  /** Shows `state` at the next frame. */
  show(state: RunState): void;
}

/** Draws in `box` the likeliest path, a column for each place: its token, and its siblings below. */
export function createFrontierView(box: HTMLElement): FrontierView {
  let state: RunState | undefined;
  const caption = element("p", "frontier-caption");
  const columns = element("div", "frontier-places");
  box.append(caption, columns);

  const drawSoon = oncePerFrame(() => {
    if (state === undefined) return;
    const { totals, frontier, phase } = state;
    const hasEnded = phase === "finished" || phase === "failed";
    box.hidden = hasEnded || totals.numFrontiers === 0;
    caption.textContent = `In flight: ${counted(frontier.distance, "token")} ahead of the target`;
    columns.replaceChildren(...frontier.places.map(column));
  });

  return {
    show(next) {
      state = next;
      drawSoon();
    },
  };
}

function column(tokens: readonly FrontierToken[]): HTMLElement {
  const made = element("div", "frontier-place");
  for (const { text, chance } of tokens) {
    const token = element("span", "frontier-token", text.replaceAll("\n", "↵"));
    token.title = `${quoted(text)}, ${percent(chance)}`;
    token.style.setProperty("--chance", String(chance));
    made.append(token);
  }
  return made;
}
