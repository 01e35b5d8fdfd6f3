import type { Cell } from "../policies/cell.ts";
import { groupBy } from "./group-by.ts";
import { rankOf } from "./policy-rank.ts";

/** Cells that may be compared with each other. */
export interface CellGroup {
  /** The conditions in words. */
  readonly title: string;
  /** Plain decoding first, then static drafts, then ours. */
  readonly cells: readonly Cell[];
}

/** Conditions that are named only where a comparison has several of them. */
const rareConditions: readonly ((cell: Cell) => string)[] = [
  ({ verification }) => verification,
  ({ clock }) => `${clock} clock`,
];

/**
 * Groups of cells under the same conditions, ordered by them.
 * @param by "network": of the same round-trip time too; "hardware": of all round-trip times
 */
export function groupCells(cells: readonly Cell[], by: "network" | "hardware"): CellGroup[] {
  const named = rareConditions.filter((one) => new Set(cells.map(one)).size > 1);
  const titleOf = (cell: Cell) =>
    [
      cell.pair,
      cell.preset,
      `T = ${cell.temperature}`,
      ...(by === "network" ? [`RTT ${cell.rttMs} ms`] : []),
      ...named.map((one) => one(cell)),
    ].join(" · ");
  const sorted = cells.toSorted(
    (a, b) =>
      compareText(a.pair, b.pair) ||
      compareText(a.preset, b.preset) ||
      (by === "network" ? a.rttMs - b.rttMs || a.temperature - b.temperature : 0) ||
      a.temperature - b.temperature ||
      rankOf(a.policy) - rankOf(b.policy),
  );
  return [...groupBy(sorted, titleOf)].map(([title, members]) => ({ title, cells: members }));
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
