import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WeightPrecision, weightPrecisions } from "@adaedl/core";
import { median } from "../statistics.ts";
import type { ForwardsOptions, ForwardsResult, Opening } from "./measure-forwards.ts";
import { type RandomModelSize, writeRandomModel } from "./random-model.ts";

/** What a random model costs in one precision. */
export interface WeightsRow extends Omit<ForwardsResult, "opening"> {
  readonly model: RandomModelSize;
  readonly weights: WeightPrecision;
  /** Of the folder of its graphs. */
  readonly diskBytes: number;
  /** When it has to be built, and when it is found built. */
  readonly coldOpening: Opening;
  readonly warmOpening: Opening;
}

/** Measures the forwards of a model in a process of their own. */
export type MeasureApart = (
  options: ForwardsOptions & { readonly cacheDirectory: string; readonly weights: WeightPrecision },
  signal: AbortSignal,
) => Promise<ForwardsResult>;

/** The first builds the graphs, the others find them; all precisions take turns. */
const numLaunches = 2;

/**
 * Opens a random model in each precision, one at a time, each in processes of its own.
 * @param onLaunch called after each process
 */
export async function measureWeights(
  model: RandomModelSize,
  options: Omit<ForwardsOptions, "directory" | "weights" | "cacheDirectory">,
  measureApart: MeasureApart,
  signal: AbortSignal,
  onLaunch: () => void = () => {},
): Promise<WeightsRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "adaedl-bench-"));
  try {
    const directory = join(folder, model);
    await writeRandomModel(directory, model, signal);
    const launches = weightPrecisions.map((): ForwardsResult[] => []);
    for (let launch = 0; launch < numLaunches; launch++)
      for (const [index, weights] of weightPrecisions.entries()) {
        const one = { ...options, directory, weights, cacheDirectory: join(folder, weights) };
        launches[index]?.push(await measureApart(one, signal));
        onLaunch();
      }
    return await Promise.all(
      weightPrecisions.map(async (weights, index) => ({
        ...{ model, weights },
        diskBytes: await bytesIn(join(folder, weights)),
        ...merge(launches[index] as [ForwardsResult, ForwardsResult]),
      })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function merge(launches: readonly [ForwardsResult, ...ForwardsResult[]]) {
  const [cold] = launches;
  const last = launches.at(-1) as ForwardsResult;
  return {
    coldOpening: cold.opening,
    warmOpening: last.opening,
    memory: last.memory,
    sessionsMemory: last.sessionsMemory,
    tokensPerSecond: median(launches.map(({ tokensPerSecond }) => tokensPerSecond)),
    forwards: cold.forwards.map((forward, index) => ({
      ...forward,
      ms: median(launches.map(({ forwards }) => forwards[index]?.ms ?? Number.NaN)),
    })),
  };
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
