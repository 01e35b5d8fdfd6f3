import type { Cell } from "../policies/cell.ts";
import { groupCells } from "./cell-groups.ts";
import { fastestOf } from "./relative-speed.ts";

/** How a stream does beside what it is compared with, under one set of conditions. */
export interface Gain {
  readonly cell: Cell;
  /** Its tokens per second ÷ those of the best of all others that can be had. */
  readonly gain: number;
}

/** Of every stream that drafts; none where nothing else was measured. */
export function gainsOf(cells: readonly Cell[]): Gain[] {
  return groupCells(cells, "network").flatMap(({ cells: group }) => {
    const isStream = ({ policy }: Cell) => /^stream(:|$)/.test(policy);
    const best = fastestOf(group.filter((cell) => !isStream(cell)))?.tokensPerSecond ?? 0;
    if (best === 0) return [];
    return group.filter(isStream).map((cell) => ({ cell, gain: cell.tokensPerSecond / best }));
  });
}
