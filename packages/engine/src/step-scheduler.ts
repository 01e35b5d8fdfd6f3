import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { ModelThread, SlotResult, SlotStep } from "@adaedl/runtime";
import { createPromptPace } from "./prompt-pace.ts";
import {
  createStepFormer,
  defaultStepLimits,
  type StepCall,
  type StepCaller,
  type StepLimits,
} from "./step-former.ts";
import { reportOf, type StepReport } from "./step-report.ts";

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

/** A model thread with the length of a piece of a prompt that suits its speed. */
export interface PacedThread extends ModelThread {
  /** Absent: `longestPiece`. */
  readonly pieceLength?: (() => number) | undefined;
}

/** A model thread whose forwards are shared by all who call. */
export interface ScheduledThread extends PacedThread {
  /** In nobody's name: all such calls are one client's, and none has a deadline. */
  forward(steps: readonly SlotStep[], signal?: AbortSignal): Promise<ScheduledResult[]>;
  /** The same thread, whose forwards are asked for in this name. */
  as(caller: StepCaller): PacedThread;
}

const nobody: StepCaller = { client: "", deadlineAt: Number.POSITIVE_INFINITY };

/** Calls that may wait for a step. */
const maxWaiting = 1024;

interface Waiting extends StepCall {
  readonly steps: readonly SlotStep[];
  readonly since: number;
  resolve(results: ScheduledResult[]): void;
  reject(error: unknown): void;
}

/**
 * Continuous batching: the same model thread, whose forwards hold whatever has gathered while the
 * last one ran, prompts and rounds of all sessions alike.
 *
 * A session asks again only when it has its answer, and prompts come in pieces that stand back
 * behind their client's rounds, so a long prompt stalls nobody; `createStepFormer` says who is next.
 * What shares a step does not show in the results, to the last bit; a forward that fails is tried
 * again call by call, so that one session's failure is its own.
 */
export function createStepScheduler(
  thread: ModelThread,
  limits: StepLimits = defaultStepLimits,
  onStep: (report: StepReport) => void = () => {},
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
        const batch = former.take(waiting, Math.min(limits.maxTokens, pace.stepTokens));
        onStep(reportOf(batch, waiting.length, performance.now()));
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
      pace.observe(sum(batch.map((call) => call.numTokens)), forwardMs);
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

  const forwardAs =
    (caller: StepCaller): ScheduledThread["forward"] =>
    async (steps, signal) => {
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
    };

  const paced = { ...thread, pieceLength: pace.pieceLength };
  return {
    ...paced,
    forward: forwardAs(nobody),
    as: (caller) => ({ ...paced, forward: forwardAs(caller) }),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
