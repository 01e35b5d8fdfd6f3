import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSamplingParams, Text, type WeightPrecision, weightPrecisions } from "@adaedl/core";
import { type ModelThread, openModelThread } from "@adaedl/engine";
import {
  layWeights,
  openWeights,
  planWeights,
  readDecoderSpec,
  weightFileBytes,
} from "@adaedl/model";
import { median } from "../statistics.ts";
import { type RandomModelSize, writeRandomModel } from "./random-model.ts";

/** What a random model costs in one precision. */
export interface ForwardsRow {
  readonly model: RandomModelSize;
  readonly weights: WeightPrecision;
  /** Of its weights' file. */
  readonly bytes: number;
  /** Processor time to prepare the graphs and to open the first one, in milliseconds. */
  readonly openMs: number;
  /** Processor time of a forward of each of `rowCounts`, median. */
  readonly forwardMs: readonly number[];
}

export const rowCounts = [1, 2, 4, 8, 16] as const;
/** Tokens before the rows that are measured. */
const contextLength = 128;

/**
 * Forwards of a random model in each precision, with one thread, all precisions in turn.
 * @param onRound called after each round of forwards
 */
export async function measureForwards(
  model: RandomModelSize,
  numRounds: number,
  signal: AbortSignal,
  onRound: () => void = () => {},
): Promise<ForwardsRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "adaedl-bench-"));
  const threads: ModelThread[] = [];
  try {
    const directory = join(folder, model);
    await writeRandomModel(directory, model, signal);
    const bytes = await preparedBytes(directory);
    const openMs: number[] = [];
    for (const weights of weightPrecisions) {
      const options = { directory, weights, numThreads: 1, cacheDirectory: folder };
      openMs.push(
        await processorMs(async () => threads.push(await openModelThread(options, signal))),
      );
    }
    const forwards = await Promise.all(threads.map((thread) => openForward(thread, signal)));
    const times = threads.map(() => rowCounts.map((): number[] => []));
    for (let round = 0; round <= numRounds; round++) {
      for (const [at, count] of rowCounts.entries())
        for (const [index, forward] of forwards.entries()) {
          const ms = await processorMs(() => forward(count));
          if (round > 0) times[index]?.[at]?.push(ms); // the first sets up memory
        }
      if (round > 0) onRound();
    }
    return weightPrecisions.map((weights, index) => ({
      model,
      weights,
      bytes: bytes[index] as number,
      openMs: openMs[index] as number,
      forwardMs: (times[index] ?? []).map(median),
    }));
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function preparedBytes(directory: string): Promise<number[]> {
  const weights = await openWeights(directory);
  const plan = planWeights(await readDecoderSpec(directory), weights.entries);
  await weights.close();
  return weightPrecisions.map((precision) => weightFileBytes(layWeights(plan, precision)));
}

/** A slot with a context. @returns a forward of so many rows behind it, each of them read */
async function openForward(thread: ModelThread, signal: AbortSignal) {
  const sampling = { ...defaultSamplingParams, temperature: 0 };
  const settings = { sampling, seed: 1, numPromptTokens: contextLength };
  const slotId = await thread.openSlot({ ...settings, verification: "shared-noise" }, signal);
  const context = Array.from({ length: contextLength }, (_, index) => (index * 7919) % 32_000);
  const roundStart = contextLength;
  const run = async (keep: readonly number[], tokenIds: readonly number[], reads: boolean) => {
    const rows = reads ? tokenIds.map((_, index) => ({ kind: "judge", index }) as const) : [];
    const step = { slotId, keep: new Text(keep).fence(), tokenIds, reads: rows, roundStart };
    const [result] = await thread.forward([step], signal);
    if (result === undefined || "error" in result) throw new Error(result?.error.message);
  };
  await run([], context, false);
  return (count: number) => run(context, context.slice(0, count), true);
}

/** Of all threads of this process. */
async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
