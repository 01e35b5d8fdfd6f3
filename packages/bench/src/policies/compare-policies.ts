import type { Cell } from "./cell.ts";
import type { Grid } from "./grid.ts";
import { type Conditions, playPolicy, type TimelessResults } from "./play-policy.ts";
import type { Repertoire } from "./repertoire.ts";

/** How many cells `compareOn` will make, for a progress bar. */
export function numCells(grid: Grid): number {
  return conditionsOf(grid).length * grid.policies.length;
}

/**
 * Plays every policy of the grid on one repertoire by the virtual clock. Within a cell the texts follow
 * each other as in a service's life: what learns carries what it has learnt on to the next text.
 */
export async function compareOn(
  repertoire: Repertoire,
  grid: Grid,
  onCell: () => void,
  signal: AbortSignal,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  const timeless: TimelessResults = new Map();
  const { pair, temperature, verification } = repertoire;
  for (const conditions of conditionsOf(grid)) {
    const { preset, rttMs } = conditions;
    for (const policy of grid.policies) {
      const result = await playPolicy(policy, repertoire, conditions, timeless, signal);
      onCell();
      if (result === undefined) continue;
      const per100 = (count: number) => (100 * count) / result.numTokens;
      cells.push({
        ...{
          pair,
          policy,
          verification,
          preset: preset.name,
          clock: "virtual",
          rttMs,
          temperature,
        },
        tokensPerSecond: (1000 * result.numTokens) / result.durationMs,
        roundTripsPer100Tokens: per100(result.numRoundTrips),
        targetForwardsPer100Tokens: per100(result.numForwards),
        numDrafted: result.numDrafted,
        numAccepted: result.numAccepted,
        numTokens: result.numTokens,
      });
    }
  }
  return cells;
}

function conditionsOf({ presets, rttsMs }: Grid): Conditions[] {
  return presets.flatMap((preset) => rttsMs.map((rttMs) => ({ preset, rttMs })));
}
