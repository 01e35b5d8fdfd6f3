import type { RunState } from "../run/run-state.ts";
import { guessSeries, roundSeries } from "../run/series.ts";
import uPlot from "../uplot.js";
import { createChart } from "./chart.ts";
import { elementById } from "./elements.ts";
import { themeColor } from "./theme.ts";

/** As many as can be told apart at the width of the strip. */
const mostGuesses = 72;
const mostRounds = 48;

/** The charts beside the text. */
export interface StripCharts {
  show(state: RunState): void;
}

/** The entropy of each guess with the threshold, and the length of each draft. */
export function createStripCharts(): StripCharts {
  const entropy = createChart({
    container: elementById("entropy-chart", HTMLElement),
    leastTop: 1,
    scale: "root",
    series: [
      filledBars("accepted", 0.72),
      hollowBars("recovered", 0.72),
      {
        // Steps: each guess has its threshold, and a line would show some that never were.
        stroke: () => themeColor("text"),
        width: 1.5,
        points: { show: false },
        ...(uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
      },
    ],
  });
  const rounds = createChart({
    container: elementById("rounds-chart", HTMLElement),
    leastTop: 4,
    scale: "linear",
    series: [hollowBars("recovered", 0.72), filledBars("accepted", 0.72)],
  });
  const caption = elementById("entropy-caption", HTMLElement);
  return {
    show(state) {
      const draftTokens = guessSeries(state.rounds, mostGuesses);
      const lengths = roundSeries(state.rounds, mostRounds);
      entropy.show([
        draftTokens.x,
        draftTokens.accepted,
        draftTokens.rejected,
        draftTokens.threshold,
      ]);
      rounds.show([lengths.x, lengths.drafted, lengths.accepted]);
      const hasNoThreshold =
        draftTokens.x.length > 0 && draftTokens.threshold.every((value) => value === null);
      caption.hidden = !hasNoThreshold;
    },
  };
}

function filledBars(color: string, share: number): uPlot.Series {
  return {
    ...bars(share),
    stroke: () => themeColor(color),
    fill: () => themeColor(color),
    width: 0,
  };
}

/** Rejected draft tokens are hollow, so that they are told from accepted ones without their colour. */
function hollowBars(color: string, share: number): uPlot.Series {
  return {
    ...bars(share),
    stroke: () => themeColor(color),
    fill: () => themeColor(`${color}-tint`),
    width: 1,
  };
}

function bars(share: number): Pick<uPlot.Series, "paths" | "points"> {
  const { bars: build } = uPlot.paths;
  return {
    points: { show: false },
    ...(build ? { paths: build({ size: [share, 18], gap: 0 }) } : {}),
  };
}
