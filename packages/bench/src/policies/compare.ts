import { setMaxListeners } from "node:events";
import type { VerificationRuleName } from "@adaedl/core";
import { loadTokenizer } from "@adaedl/model";
import type { Cell, GuessSample } from "./cell.ts";
import { compareOn } from "./compare-policies.ts";
import { type Grid, longestTried, type Workload } from "./grid.ts";
import { performLive } from "./live-performance.ts";
import { type Repertoire, repertoireOf } from "./repertoire.ts";
import { guessSamples } from "./samples.ts";
import { openPairThreads, type PairThreads } from "./tape/open-pair-threads.ts";
import { recordTape } from "./tape/record-tape.ts";

export interface CompareProgress {
  /** A repertoire is being prepared: the models decode and draft. */
  onRepertoire(name: string): void;
  onCell(): void;
}

export interface CompareResult {
  readonly cells: readonly Cell[];
  readonly guesses: readonly GuessSample[];
}

/**
 * Compares policies by the virtual clock: the real models decide every token, and time is
 * reckoned from a cost model, so that the result is the same on every machine and in every run.
 */
export async function comparePolicies(
  workloads: readonly Workload[],
  grid: Grid,
  progress: CompareProgress,
  signal: AbortSignal,
): Promise<CompareResult> {
  const result = { cells: [] as Cell[], guesses: [] as GuessSample[] };
  for (const workload of workloads) {
    await using pair = await openPairThreads(workload, signal);
    for (const verification of grid.verifications)
      for (const temperature of grid.temperatures) {
        progress.onRepertoire(`${workload.pair}, T ${temperature}`);
        const repertoire = await prepare(workload, pair, verification, temperature, signal);
        result.cells.push(...(await compareOn(repertoire, grid, progress.onCell, signal)));
        result.guesses.push(...guessSamples(repertoire));
      }
  }
  return result;
}

/** The texts differ in their seeds as well, so that no two of them meet the same noise. */
export async function prepare(
  workload: Workload,
  pair: PairThreads,
  verification: VerificationRuleName,
  temperature: number,
  signal: AbortSignal,
): Promise<Repertoire> {
  const { prompts, answers, numTokens } = workload;
  const tokenizer = await loadTokenizer(workload.target);
  const texts = prompts.map((prompt, seed) => {
    const promptTokenIds = tokenizer.encode(prompt);
    const whole = answers && tokenizer.encode(`${prompt}${answers[seed]}`);
    const tokenIds = whole?.slice(promptTokenIds.length);
    return {
      ...{ promptTokenIds, seed, sampling: { temperature }, tokenIds },
      ...{ numTokens: tokenIds?.length ?? numTokens, maxDraftLength: longestTried },
    };
  });
  if (verification === "rejection") {
    const performances = texts.map((text) => performLive(pair, { ...text, verification }));
    return { pair: workload.pair, temperature, verification, performances };
  }
  // Side by side: the texts share their steps. Each listens for the abort in each of its forwards.
  const shared = AbortSignal.any([signal]);
  setMaxListeners(0, shared);
  const tapes = await Promise.all(texts.map((text) => recordTape(pair, text, shared)));
  const corpus = workload.corpus && tokenizer.encode(workload.corpus);
  return { ...repertoireOf(workload.pair, temperature, tapes), ...(corpus && { corpus }) };
}
