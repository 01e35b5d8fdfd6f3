import { prepare } from "../policies/compare.ts";
import type { CostModel } from "../policies/cost-model.ts";
import type { Workload } from "../policies/grid.ts";
import { openPairThreads } from "../policies/tape/open-pair-threads.ts";
import type { Tape } from "../policies/tape/tape.ts";
import { type LoadResult, playLoad } from "./play-load.ts";

export interface LoadComparison {
  readonly policies: readonly string[];
  /** Sessions at a time. */
  readonly sessionCounts: readonly number[];
  readonly costs: CostModel;
  readonly temperature: number;
  /** Of each measurement, on the virtual clock. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** One policy at one number of sessions. */
export interface LoadRow extends LoadResult {
  readonly policy: string;
  readonly numSessions: number;
}

/**
 * Has more and more sessions decode the texts of all workloads in turn, under each policy.
 * @param onRow told after each row
 */
export async function compareLoad(
  workloads: readonly Workload[],
  { policies, sessionCounts, ...conditions }: LoadComparison,
  signal: AbortSignal,
  onRow: () => void = () => {},
): Promise<LoadRow[]> {
  const tapes = await recordTapes(workloads, conditions.temperature, signal);
  const rows: LoadRow[] = [];
  for (const numSessions of sessionCounts)
    for (const policy of policies) {
      const options = { ...conditions, policy, numSessions };
      rows.push({ policy, numSessions, ...(await playLoad(tapes, options, signal)) });
      onRow();
    }
  return rows;
}

/** The first text of each workload, then the second of each, and so on. */
async function recordTapes(
  workloads: readonly Workload[],
  temperature: number,
  signal: AbortSignal,
): Promise<Tape[]> {
  const tapes: { readonly index: number; readonly tape: Tape }[] = [];
  for (const workload of workloads) {
    await using pair = await openPairThreads(workload, signal);
    const repertoire = await prepare(workload, pair, "shared-noise", temperature, signal);
    for (const [index, tape] of (repertoire.tapes ?? []).entries()) tapes.push({ index, tape });
  }
  return tapes.toSorted((a, b) => a.index - b.index).map(({ tape }) => tape);
}
