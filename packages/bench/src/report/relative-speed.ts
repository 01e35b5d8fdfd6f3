import type { Cell } from "../policies/cell.ts";
import { isOutOfReach } from "./policy-rank.ts";

/** Tokens per second of a cell ÷ those of the baselines; undefined where these were not measured. */
export interface RelativeSpeed {
  readonly timesPlain: number | undefined;
  readonly timesBestStatic: number | undefined;
}

/** @param group cells under the same conditions, this one among them */
export function relativeSpeed(cell: Cell, group: readonly Cell[]): RelativeSpeed {
  const times = (baseline: string) => {
    const found = group.find(({ policy }) => policy === baseline)?.tokensPerSecond ?? 0;
    return found === 0 ? undefined : cell.tokensPerSecond / found;
  };
  return { timesPlain: times("none"), timesBestStatic: times("best-static") };
}

/** Highest tokens per second of those that can be had at the edge. */
export function fastestOf(group: readonly Cell[]): Cell | undefined {
  return group
    .filter(({ policy }) => !isOutOfReach(policy))
    .reduce<Cell | undefined>(
      (best, cell) =>
        best === undefined || cell.tokensPerSecond > best.tokensPerSecond ? cell : best,
      undefined,
    );
}
