import { AdaedlError, throwIfAborted } from "@adaedl/core";
import { slotCounts } from "@adaedl/model";
import type { ModelThread, SlotResult, SlotStep } from "@adaedl/runtime";

/** How much one step may hold. */
export interface StepLimits {
  /** Tokens of all sessions together; a single session may exceed it. */
  readonly maxTokens: number;
  /** Sessions. */
  readonly maxSlots: number;
}

const defaultLimits: StepLimits = { maxTokens: 512, maxSlots: Math.max(...slotCounts) };

/** Calls that may wait for a step. */
const maxWaiting = 1024;

interface Waiting {
  readonly steps: readonly SlotStep[];
  readonly numTokens: number;
  resolve(results: SlotResult[]): void;
  reject(error: unknown): void;
}

/**
 * Continuous batching: the same model thread, whose forwards hold whatever has gathered while the
 * last one ran, prompts and rounds of all sessions alike.
 *
 * Calls are taken in the order they came in. A session asks again only when it has its answer, and
 * prompts come in pieces, so a long prompt waits its turn like everybody: no session is starved.
 * What shares a step does not show in the results, to the last bit.
 */
export function createStepScheduler(
  thread: ModelThread,
  limits: StepLimits = defaultLimits,
): ModelThread {
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    try {
      while (waiting.length > 0) await runStep(takeStep(waiting, limits));
    } finally {
      isRunning = false;
    }
  }

  async function runStep(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await thread.forward(batch.flatMap((call) => call.steps));
      let taken = 0;
      for (const { steps, resolve } of batch) {
        resolve(results.slice(taken, taken + steps.length));
        taken += steps.length;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
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

/** Takes the calls of the next step: at least one, then what fits, without leaving anyone out. */
function takeStep(waiting: Waiting[], { maxTokens, maxSlots }: StepLimits): Waiting[] {
  let numTokens = 0;
  let numSlots = 0;
  let count = 0;
  for (const call of waiting) {
    numTokens += call.numTokens;
    numSlots += call.steps.length;
    if (count > 0 && (numTokens > maxTokens || numSlots > maxSlots)) break;
    count++;
  }
  return waiting.splice(0, count);
}
