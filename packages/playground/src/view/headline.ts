import type { RunState } from "../run/run-state.ts";
import { statisticsOf } from "../run/statistics.ts";
import { elementById, elementsByData } from "./elements.ts";
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
    const figures = statisticsOf(state);
    const { numTokens, targetForwards, savedShare } = figures;
    set("saved", percent(savedShare));
    set("passes", numTokens === 0 ? "" : `${targetForwards} instead of ${numTokens + 1}`);
    set("speed", threeDigits(figures.tokensPerSecond));
  });

  function set(name: string, text: string): void {
    const cell = cells.get(name);
    if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
  }

  return {
    show(next) {
      state = next;
      drawSoon();
    },
  };
}
