import { compareTexts, isPlainFaster } from "../run/comparison.ts";
import { idleRun, type RunState } from "../run/run-state.ts";
import { type Statistics, statisticsOf } from "../run/statistics.ts";
import { elementById, elementsByData, setText } from "./elements.ts";
import { oncePerFrame } from "./frame.ts";
import { duration, threeDigits } from "./numbers.ts";

/** One text under two policies, in figures. */
export interface Comparison {
  /** Shows both runs at the next frame. */
  show(first: RunState, second: RunState): void;
  /** Opens or closes the second pane. */
  setOpen(isOpen: boolean): void;
}

/** The comparison of index.html. */
export function createComparison(): Comparison {
  const panes = elementById("panes", HTMLElement);
  const table = elementById("comparison", HTMLElement);
  const secondPane = elementById("second-pane", HTMLElement);
  const verdict = elementById("verdict", HTMLElement);
  const whySlower = elementById("why-slower", HTMLElement);
  const cells = elementsByData(table, "compared");
  let runs: readonly [RunState, RunState] = [idleRun, idleRun];

  const drawSoon = oncePerFrame(() => {
    const [first, second] = runs;
    const figures = [statisticsOf(first), statisticsOf(second)] as const;
    fill("first", figures[0]);
    fill("second", figures[1]);
    const areFinished = first.phase === "finished" && second.phase === "finished";
    fillRatios(...figures, areFinished);
    const said = compareTexts(first, second);
    verdict.hidden = said === undefined;
    verdict.dataset.kind = said?.kind ?? "";
    verdict.textContent = said?.sentence ?? "";
    whySlower.hidden = !isPlainFaster(first, second);
  });

  function fill(side: string, figures: Statistics): void {
    const isEmpty = figures.numTokens === 0;
    setText(cells.get(`${side}-speed`), threeDigits(figures.tokensPerSecond));
    setText(cells.get(`${side}-forwards`), isEmpty ? "–" : String(figures.targetForwards));
    setText(cells.get(`${side}-time`), duration(isEmpty ? undefined : figures.durationMs));
  }

  function fillRatios(first: Statistics, second: Statistics, areFinished: boolean): void {
    const times = (a: number | undefined, b: number | undefined) =>
      areFinished && a && b ? `${threeDigits(a / b)}×` : "–";
    const ratio = (name: string, text: string) => setText(cells.get(`ratio-${name}`), text);
    ratio("speed", times(first.tokensPerSecond, second.tokensPerSecond));
    ratio("forwards", times(first.targetForwards, second.targetForwards));
    ratio("time", times(first.durationMs, second.durationMs));
  }

  return {
    show(first, second) {
      runs = [first, second];
      drawSoon();
    },
    setOpen(isOpen) {
      panes.classList.toggle("compares", isOpen);
      secondPane.hidden = !isOpen;
      table.hidden = !isOpen;
    },
  };
}
