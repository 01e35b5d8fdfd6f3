import { compareTexts, isPlainFaster } from "../run/comparison.ts";
import { idleRun, isRunning, type RunState } from "../run/run-state.ts";
import { type Statistics, statisticsOf } from "../run/statistics.ts";
import { elementById, elementsByData } from "./elements.ts";
import { oncePerFrame } from "./frame.ts";
import { duration, threeDigits } from "./numbers.ts";

/** The same text with and without speculation, in figures. */
export interface Comparison {
  /** Shows both runs at the next frame; without a plain one there is nothing to compare. */
  show(speculative: RunState, plain: RunState | undefined): void;
  /** Opens or closes the second pane. */
  setOpen(isOpen: boolean): void;
}

/** The comparison of index.html. */
export function createComparison(): Comparison {
  const panes = elementById("panes", HTMLElement);
  const table = elementById("comparison", HTMLElement);
  const plainPane = elementById("plain-pane", HTMLElement);
  const verdict = elementById("verdict", HTMLElement);
  const whySlower = elementById("why-slower", HTMLElement);
  const cells = elementsByData(table, "compared");
  let runs: readonly [RunState, RunState | undefined] = [idleRun, undefined];

  const drawSoon = oncePerFrame(() => {
    const [speculative, plain = idleRun] = runs;
    const fast = statisticsOf(speculative);
    const slow = statisticsOf(plain);
    fill("speculative", fast, isEmpty(speculative));
    fill("plain", slow, isEmpty(plain));
    fillGains(fast, slow, isRunning(plain) || isEmpty(plain) || isEmpty(speculative));
    const said = compareTexts(speculative, plain);
    verdict.hidden = said === undefined;
    verdict.dataset.kind = said?.kind ?? "";
    verdict.textContent = said?.sentence ?? "";
    whySlower.hidden = !isPlainFaster(speculative, plain);
  });

  function fill(side: string, figures: Statistics, empty: boolean): void {
    set(`${side}-speed`, threeDigits(figures.tokensPerSecond));
    set(`${side}-forwards`, empty ? "–" : String(figures.targetForwards));
    set(`${side}-time`, duration(empty ? undefined : figures.durationMs));
  }

  function fillGains(fast: Statistics, slow: Statistics, unknown: boolean): void {
    const times = (a: number | undefined, b: number | undefined) =>
      unknown || !a || !b ? "–" : `${threeDigits(a / b)}×`;
    set("gain-speed", times(fast.tokensPerSecond, slow.tokensPerSecond));
    set("gain-forwards", times(fast.targetForwards, slow.targetForwards));
    set("gain-time", times(fast.durationMs, slow.durationMs));
  }

  function set(name: string, text: string): void {
    const cell = cells.get(name);
    if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
  }

  return {
    show(speculative, plain) {
      runs = [speculative, plain];
      drawSoon();
    },
    setOpen(isOpen) {
      panes.classList.toggle("compares", isOpen);
      plainPane.hidden = !isOpen;
      table.hidden = !isOpen;
    },
  };
}

function isEmpty({ phase, totals }: RunState): boolean {
  return phase === "idle" || totals.numTokens === 0;
}
