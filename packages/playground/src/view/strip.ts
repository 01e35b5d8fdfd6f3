import type { RunState } from "../run/run-state.ts";
import { isRunning } from "../run/run-state.ts";
import { statisticsOf } from "../run/statistics.ts";
import { elementById, elementsByData, setText } from "./elements.ts";
import { oncePerFrame } from "./frame.ts";
import { percent, threeDigits } from "./numbers.ts";

/** Figures beside the text. */
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
  let state: RunState | undefined;

  const drawSoon = oncePerFrame(() => {
    if (state === undefined) return;
    root.toggleAttribute("data-running", isRunning(state));
    showStatistics(state);
    const { origins, draftMs, networkMs, queueMs, verifyMs } = state.totals;
    showShares(origins, (numTokens) => (state?.totals.numTokens ? String(numTokens) : "–"));
    // A stream drafts and decodes at once, so that these overlap.
    const times = { draft: draftMs, network: networkMs, queue: queueMs, verify: verifyMs };
    showShares(times, (_, share) => percent(share));
  });

  function showStatistics(of: RunState): void {
    const figures = statisticsOf(of);
    const whole = (count: number) => (figures.numTokens === 0 ? "–" : String(count));
    const said = {
      "forwards-per-token": threeDigits(figures.forwardsPerToken),
      "frontier-distance": threeDigits(figures.frontierDistance),
      "acceptance-rate": percent(figures.acceptanceRate),
      tokens: whole(figures.numTokens),
      forwards: whole(figures.targetForwards),
      commits: whole(figures.numCommits),
    };
    for (const [name, text] of Object.entries(said)) setText(stats.get(name), text);
  }

  /** Parts of a whole, as widths and in words. */
  function showShares(
    parts: Readonly<Record<string, number>>,
    label: (part: number, share: number | undefined) => string,
  ): void {
    const sum = Object.values(parts).reduce((a, b) => a + b, 0);
    for (const [name, part] of Object.entries(parts)) {
      const share = sum === 0 ? undefined : part / sum;
      const bar = shares.get(name);
      if (bar !== undefined) bar.style.flexGrow = String(share ?? 0);
      setText(shareLabels.get(name), label(part, share));
    }
  }

  return {
    show(next) {
      state = next;
      drawSoon();
    },
  };
}
