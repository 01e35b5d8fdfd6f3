import uPlot from "../uplot.js";
import { onThemeChange, themeColor } from "./theme.ts";

/** What is particular to one chart. */
export interface ChartKind {
  readonly container: HTMLElement;
  readonly series: readonly uPlot.Series[];
  /** The least top of the y axis, so that small values do not fill the chart. */
  readonly leastTop: number;
  /** `root` for entropies: AdaEDL's bound goes by their root, and low ones matter most. */
  readonly scale: "linear" | "root";
}

/** A chart of columns, the first of which is x. */
export interface Chart {
  show(columns: readonly (readonly (number | null)[])[]): void;
}

const heightPx = 132;

/** A chart as wide as its container, in the colours of the page. */
export function createChart({ container, series, leastTop, scale }: ChartKind): Chart {
  const font = `11px ${getComputedStyle(container).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: () => themeColor("muted"),
    grid: { stroke: () => themeColor("grid"), width: 1 },
    ticks: { show: false },
    font,
  };
  const plot = new uPlot(
    {
      width: widthOf(container),
      height: heightPx,
      padding: [8, 4, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        // Half a column of room at both ends, for the bars.
        x: {
          time: false,
          range: (_, least, most) => [least - 0.6, Math.max(most, least + 7) + 0.6],
        },
        y: {
          ...(scale === "root" ? rootScale : {}),
          range: (_, __, most) => [0, Math.max(leastTop, (most ?? 0) * 1.08)],
        },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 22,
          gap: 4,
          space: 56,
          incrs: wholeSteps,
          // They are counted from 1; and where there are none, there is nothing to count.
          values: ({ data }, splits) =>
            splits.map((split) => (split < 1 || data[0].length === 0 ? "" : String(split))),
        },
        {
          ...axis,
          size: 30,
          gap: 4,
          space: 26,
          ...(scale === "root" ? rootTicks : { incrs: wholeSteps }),
        },
      ],
      series: [{}, ...series],
    },
    [[], ...series.map(() => [])] as uPlot.AlignedData,
    container,
  );
  new ResizeObserver(() => {
    plot.setSize({ width: widthOf(container), height: heightPx });
  }).observe(container);
  onThemeChange(() => plot.redraw());
  return {
    show(columns) {
      plot.setData(columns as uPlot.AlignedData);
    },
  };
}

const rootScale: uPlot.Scale = { distr: 100, fwd: Math.sqrt, bwd: (root) => root * root };

/** Values that lie well apart under a root. */
const rootTicks: uPlot.Axis = {
  splits: (_, __, least, most) =>
    (most > 3.5 ? [0, 0.5, 2, 4, 6, 8] : [0, 0.1, 0.5, 1, 2, 3]).filter(
      (value) => value >= least && value <= most,
    ),
  // Left to itself, uPlot takes them for those of a logarithm and leaves some out.
  filter: (_, splits) => splits,
  values: (_, splits) => splits.map(String),
};

const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

function widthOf(container: HTMLElement): number {
  return Math.max(1, Math.floor(container.clientWidth));
}
