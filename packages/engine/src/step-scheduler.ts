import { AdaedlError, longestDraftLength, throwIfAborted } from "@adaedl/core";
import { slotCounts } from "@adaedl/model";
import type { ModelThread, SlotResult, SlotStep } from "@adaedl/runtime";

/** How much one step may hold. */
export interface StepLimits {
  /** Tokens of all sessions together; a single session may exceed it. */
  readonly maxTokens: number;
  /** Sessions. */
  readonly maxSlots: number;
}

export const defaultStepLimits: StepLimits = { maxTokens: 512, maxSlots: Math.max(...slotCounts) };

/** What became of a call: its place in time and company. */
export interface StepTiming {
  /** From the call to the begin of its step, in milliseconds. */
  readonly queueMs: number;
  /** The step's forward, in milliseconds. */
  readonly forwardMs: number;
  /** Sessions in the step. */
  readonly batchSize: number;
}

export type ScheduledResult = SlotResult & { readonly timing: StepTiming };

/** One step that has run. */
export interface StepReport {
  readonly numTokens: number;
  readonly numSlots: number;
  /** Calls left waiting when it began. */
  readonly numWaiting: number;
}

/** A model thread whose forwards are shared by all who call. */
export interface ScheduledThread extends ModelThread {
  forward(steps: readonly SlotStep[], signal?: AbortSignal): Promise<ScheduledResult[]>;
}

/** Tokens of the longest round: the last committed tokens and a whole draft. Prompts are longer. */
const longestRound = longestDraftLength + 2;

/** Calls that may wait for a step. */
const maxWaiting = 1024;

interface Waiting {
  readonly steps: readonly SlotStep[];
  readonly numTokens: number;
  readonly since: number;
  resolve(results: ScheduledResult[]): void;
  reject(error: unknown): void;
}

/**
 * Continuous batching: the same model thread, whose forwards hold whatever has gathered while the
 * last one ran, prompts and rounds of all sessions alike.
 *
 * A session asks again only when it has its answer, and prompts come in pieces that stand back
 * behind rounds, so a long prompt stalls nobody; whoever has waited longest is always taken.
 * What shares a step does not show in the results, to the last bit; a forward that fails is tried
 * again call by call, so that one session's failure is its own.
 */
export function createStepScheduler(
  thread: ModelThread,
  limits: StepLimits = defaultStepLimits,
  onStep: (report: StepReport) => void = () => {},
): ScheduledThread {
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    try {
      while (waiting.length > 0) {
        const batch = takeStep(waiting, limits);
        onStep({ ...sizeOf(batch), numWaiting: waiting.length });
        await runStep(batch);
      }
    } finally {
      isRunning = false;
    }
  }

  async function runStep(batch: readonly Waiting[]): Promise<void> {
    const startedAt = performance.now();
    try {
      const results = await thread.forward(batch.flatMap((call) => call.steps));
      const forwardMs = performance.now() - startedAt;
      const batchSize = results.length;
      let taken = 0;
      for (const { steps, since, resolve } of batch) {
        const timing = { queueMs: startedAt - since, forwardMs, batchSize };
        const own = results.slice(taken, taken + steps.length);
        resolve(own.map((result) => ({ ...result, timing })));
        taken += steps.length;
      }
    } catch (error) {
      const isGone = error instanceof AdaedlError && error.code === "unavailable";
      if (batch.length === 1 || isGone) for (const { reject } of batch) reject(error);
      else for (const call of batch) await runStep([call]);
    }
  }

  return {
    ...thread,
    async forward(steps, signal) {
      throwIfAborted(signal);
      if (waiting.length >= maxWaiting)
        throw new AdaedlError("resource_exhausted", `${maxWaiting} steps wait for the model`);
      const numTokens = steps.reduce((sum, step) => sum + step.tokenIds.length, 0);
      return new Promise((resolve, reject) => {
        const call: Waiting = {
          steps,
          numTokens,
          since: performance.now(),
          resolve(results) {
            signal?.removeEventListener("abort", onAbort);
            resolve(results);
          },
          reject(error) {
            signal?.removeEventListener("abort", onAbort);
            reject(error);
          },
        };
        const onAbort = () => {
          const place = waiting.indexOf(call);
          if (place >= 0) waiting.splice(place, 1); // one that runs already ends unheard
          reject(AdaedlError.fromAbort(signal?.reason));
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        waiting.push(call);
        void run();
      });
    },
  };
}

/**
 * Takes the calls of the next step: the one that has waited longest in any case, so that nobody is
 * left out, then rounds before pieces of prompts, each in the order they came in, while they fit.
 */
function takeStep(waiting: Waiting[], limits: StepLimits): Waiting[] {
  const [oldest, ...others] = waiting;
  if (oldest === undefined) return [];
  const isRound = (call: Waiting) => call.numTokens <= longestRound;
  const batch = [oldest];
  let { numTokens, numSlots } = sizeOf(batch);
  for (const call of [...others.filter(isRound), ...others.filter((call) => !isRound(call))]) {
    if (numTokens + call.numTokens > limits.maxTokens) continue;
    if (numSlots + call.steps.length > limits.maxSlots) break;
    batch.push(call);
    numTokens += call.numTokens;
    numSlots += call.steps.length;
  }
  const taken = new Set(batch);
  waiting.splice(0, waiting.length, ...waiting.filter((call) => !taken.has(call)));
  return batch;
}

function sizeOf(batch: readonly Waiting[]) {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    numTokens: sum(batch.map((call) => call.numTokens)),
    numSlots: sum(batch.map((call) => call.steps.length)),
  };
}
