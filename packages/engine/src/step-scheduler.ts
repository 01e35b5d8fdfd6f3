import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { ModelThread, SlotResult, SlotStep } from "@adaedl/runtime";
import { createPromptPace } from "./prompt-pace.ts";
import {
  createStepFormer,
  defaultStepLimits,
  type StepCall,
  type StepLimits,
} from "./step-former.ts";

/** A model thread with the length of a piece of a prompt that suits its speed. */
export interface PacedThread extends ModelThread {
  /** Absent: `longestPiece`. */
  readonly pieceLength?: (() => number) | undefined;
}

/** A model thread whose forwards are shared by all who call. */
export interface ScheduledThread extends PacedThread {
  forward(steps: readonly SlotStep[], signal?: AbortSignal): Promise<SlotResult[]>;
}

/** All calls are one client's, and none has a deadline. */
const caller = { client: "", deadlineAt: Number.POSITIVE_INFINITY };

/** Calls that may wait for a step. */
const maxWaiting = 1024;

interface Waiting extends StepCall {
  readonly steps: readonly SlotStep[];
  resolve(results: SlotResult[]): void;
  reject(error: unknown): void;
}

/**
 * Continuous batching for draft models: the same model thread, whose forwards hold whatever has gathered
 * while the last one ran, prompts and places of all texts alike.
 *
 * A text asks again only when it has its answer, and prompts come in pieces that stand back behind the
 * others, so a long prompt stalls nobody; `createStepFormer` says who is next.
 * What shares a step does not show in the results, to the last bit; a forward that fails is tried
 * again call by call, so that one session's failure is its own.
 */
export function createStepScheduler(
  thread: ModelThread,
  limits: StepLimits = defaultStepLimits,
): ScheduledThread {
  const former = createStepFormer(limits);
  const pace = createPromptPace();
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    try {
      while (waiting.length > 0) {
        const batch = former.take(waiting, {
          maxTokens: Math.min(limits.maxTokens, pace.stepTokens),
        });
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
      pace.observe(sum(batch.map((call) => call.numTokens)), performance.now() - startedAt);
      let taken = 0;
      for (const { steps, resolve } of batch) {
        resolve(results.slice(taken, taken + steps.length));
        taken += steps.length;
      }
    } catch (error) {
      const isGone = error instanceof AdaedlError && error.code === "unavailable";
      if (batch.length === 1 || isGone) for (const { reject } of batch) reject(error);
      else for (const call of batch) await runStep([call]);
    }
  }

  const forward: ScheduledThread["forward"] = async (steps, signal) => {
    throwIfAborted(signal);
    if (waiting.length >= maxWaiting)
      throw new AdaedlError("resource_exhausted", `${maxWaiting} steps wait for the model`);
    return new Promise((resolve, reject) => {
      const call: Waiting = {
        ...caller,
        steps,
        numTokens: sum(steps.map((step) => step.tokenIds.length)),
        numSlots: steps.length,
        isPiece: steps.every((step) => step.reads.length === 0),
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
  };

  return { ...thread, pieceLength: pace.pieceLength, forward };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
