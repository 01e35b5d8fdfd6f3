import type { Cell, PaperResult } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

const temperatures = [0.7, 1, 1.3];
const lengths = [3, 7, 16];

/** What is compared with what: our policy, and the paper's column. */
interface Side {
  readonly policy: (length: number) => string;
  readonly column?: "adaedl" | "maxConfidence" | "staticLength" | "plain";
}

const adaedl: Side = { policy: (length) => `adaedl:max=${length}`, column: "adaedl" };
const auto: Side = { policy: (length) => `adaedl:gamma=auto,max=${length}` };
const maxConfidence: Side = {
  policy: (length) => `max-confidence:max=${length}`,
  column: "maxConfidence",
};
const staticLength: Side = { policy: (length) => `static:${length}`, column: "staticLength" };
const plain: Side = { policy: () => "none", column: "plain" };

const blocks: readonly (readonly [string, Side, Side])[] = [
  ["AdaEDL ÷ static drafts of length L", adaedl, staticLength],
  ["AdaEDL with gamma=auto (ours) ÷ static", auto, staticLength],
  ["Max-Confidence ÷ static", maxConfidence, staticLength],
  ["AdaEDL ÷ plain decoding", adaedl, plain],
];

/** Our ratios of tokens/s beside the paper's, for each temperature T and longest draft L. */
export function renderPaperRatios(
  cells: readonly Cell[],
  paper: readonly PaperResult[],
  colors: Colors,
): string {
  const ours = cells.filter(({ preset }) => preset === "paper");
  const pairs = [...new Set(ours.map(({ pair }) => pair))];
  return blocks
    .map(([title, above, below]) => {
      const isInPaper = above.column !== undefined && below.column !== undefined;
      const data = isInPaper ? [...new Set(paper.map((row) => row.data))] : [];
      const columns = ["T", "L", ...pairs, ...data.map((name) => `paper\n${name}`)];
      const rows = temperatures.flatMap((temperature) =>
        lengths.map((length) => {
          const speedOf = (pair: string, { policy }: Side) =>
            ours.find(
              (cell) =>
                cell.pair === pair &&
                cell.temperature === temperature &&
                cell.policy === policy(length),
            )?.tokensPerSecond ?? Number.NaN;
          const paperRow = (name: string) =>
            paper.find(
              (row) =>
                row.data === name &&
                row.temperature === temperature &&
                row.maxDraftLength === length,
            );
          const paperSpeed = (name: string, { column }: Side) =>
            column === undefined ? Number.NaN : (paperRow(name)?.[column] ?? Number.NaN);
          return [
            String(temperature),
            String(length),
            ...pairs.map((pair) => ratioOf(speedOf(pair, above), speedOf(pair, below))),
            ...data.map((name) => ratioOf(paperSpeed(name, above), paperSpeed(name, below))),
          ];
        }),
      );
      const table = renderTable(
        columns.map((heading) => ({ heading })),
        rows,
        colors,
      );
      return `${colors.bold(title)}\n${table}`;
    })
    .join("\n\n");
}

function ratioOf(above: number, below: number): string {
  const value = above / below;
  return Number.isNaN(value) ? "–" : ratio(value);
}
