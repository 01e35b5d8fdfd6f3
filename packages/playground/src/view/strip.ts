import { isRunning, type RunState } from "../run/run-state.ts";
import { statisticsOf } from "../run/statistics.ts";
import { elementById, elementsByData } from "./elements.ts";
import { oncePerFrame } from "./frame.ts";
import { duration, percent, threeDigits } from "./numbers.ts";
import { createStripCharts } from "./strip-charts.ts";

/** Figures and charts beside the text. */
export interface Strip {
  /** Shows `state` at the next frame. */
  show(state: RunState): void;
}

/** The strip of index.html. */
export function createStrip(): Strip {
  const root = elementById("strip", HTMLElement);
  const stats = elementsByData(root, "stat");
  const shares = elementsByData(root, "share");
  const shareLabels = elementsByData(root, "share-label");
  const charts = createStripCharts();
  let state: RunState | undefined;

  const drawSoon = oncePerFrame(() => {
    if (state === undefined) return;
    root.toggleAttribute("data-running", isRunning(state));
    showStatistics(state);
    showShares(state);
    charts.show(state);
  });

  function showStatistics(of: RunState): void {
    const figures = statisticsOf(of);
    const said = {
      "acceptance-rate": percent(figures.acceptanceRate),
      network: duration(figures.networkMs),
      passes: figures.numTokens === 0 ? "–" : String(figures.targetForwards),
      commits: figures.numCommits === 0 ? "–" : String(figures.numCommits),
      "tokens-per-pass": threeDigits(figures.tokensPerForward),
      tokens: figures.numTokens === 0 ? "–" : String(figures.numTokens),
    };
    for (const [name, text] of Object.entries(said)) setText(stats.get(name), text);
  }

  /** Where the time went, as widths and in words; a stream drafts and decodes at once. */
  function showShares({ totals }: RunState): void {
    const parts = {
      draft: totals.draftMs,
      network: totals.networkMs,
      queue: totals.queueMs,
      verify: totals.verifyMs,
    };
    const sum = Object.values(parts).reduce((a, b) => a + b, 0);
    for (const [name, ms] of Object.entries(parts)) {
      const share = sum === 0 ? undefined : ms / sum;
      const bar = shares.get(name);
      if (bar !== undefined) bar.style.flexGrow = String(share ?? 0);
      setText(shareLabels.get(name), percent(share));
    }
  }

  return {
    show(next) {
      state = next;
      drawSoon();
    },
  };
}

function setText(target: HTMLElement | undefined, text: string): void {
  if (target !== undefined && target.textContent !== text) target.textContent = text;
}
