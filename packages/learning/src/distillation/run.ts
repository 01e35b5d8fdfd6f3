import type { DistillOptions } from "./distill.ts";
import { modelVersion, type RunProgress, type RunRecord, readRun, writeRun } from "./run-file.ts";

/** A training that may be interrupted, where it has a directory for that. */
export interface Run {
  /** Whether nothing was saved before. */
  readonly isNew: boolean;
  /** Match probabilities before the first step. */
  readonly match: ReadonlyMap<number, number>;
  begin(match: ReadonlyMap<number, number>): Promise<void>;
  /** How far it was after so many steps, which were saved. */
  after(numSteps: number): RunProgress;
  /** Saves when it is time to. */
  afterStep(numSteps: number, progress: RunProgress, save: () => Promise<void>): Promise<void>;
}

/** @throws AdaedlError as `readRun` */
export async function openRun({
  stateDirectory,
  saveEveryMs = 20_000,
  ...options
}: DistillOptions): Promise<Run> {
  const models = await Promise.all([options.target, options.draft].map(modelVersion));
  const known =
    stateDirectory === undefined ? undefined : await readRun(stateDirectory, { options, models });
  let record: RunRecord = known ?? { match: [], saved: {} };
  let savedMs = performance.now();
  const write = async () => {
    if (stateDirectory !== undefined) await writeRun(stateDirectory, { options, models }, record);
  };
  return {
    isNew: known === undefined,
    get match() {
      return new Map(record.match);
    },
    async begin(match) {
      record = { ...record, match: [...match] };
      await write();
    },
    after: (numSteps) => record.saved[numSteps] ?? { numJudged: 0, elapsedMs: 0 },
    async afterStep(numSteps, progress, save) {
      if (stateDirectory === undefined || performance.now() - savedMs < saveEveryMs) return;
      // The record before the state: what it says of steps that were not saved is not read.
      const last = Object.entries(record.saved).slice(-1);
      record = { ...record, saved: Object.fromEntries([...last, [numSteps, progress]]) };
      await write();
      await save();
      savedMs = performance.now();
    },
  };
}
