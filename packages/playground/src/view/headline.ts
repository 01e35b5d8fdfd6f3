import type { RunState } from "../run/run-state.ts";
import { statisticsOf } from "../run/statistics.ts";
import { elementById, elementsByData, setText } from "./elements.ts";
import { oncePerFrame } from "./frame.ts";
import { percent, threeDigits } from "./numbers.ts";

/** The two figures above the text. */
export interface Headline {
  /** Shows `state` at the next frame. */
  show(state: RunState): void;
}

/** The headline of index.html: what speculation saved, and how fast the text came. */
export function createHeadline(): Headline {
  const cells = elementsByData(elementById("headline", HTMLElement), "headline");
  let state: RunState | undefined;

  const drawSoon = oncePerFrame(() => {
    if (state === undefined) return;
    const { numTokens, targetForwards, savedShare, tokensPerSecond } = statisticsOf(state);
    const forwards = numTokens === 0 ? "" : `${targetForwards} instead of ${numTokens + 1}`;
    setText(cells.get("saved"), percent(savedShare));
    setText(cells.get("forwards"), forwards);
    setText(cells.get("speed"), threeDigits(tokensPerSecond));
  });

  return {
    show(next) {
      state = next;
      drawSoon();
    },
  };
}
