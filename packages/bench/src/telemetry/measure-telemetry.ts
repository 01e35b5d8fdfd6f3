import { setTimeout as sleep } from "node:timers/promises";
import type { StreamOutcome } from "../gateway/stream-client.ts";
import { bodyOf, type Workload } from "../gateway/workload.ts";
import type { CpuTimes, TelemetrySample, TelemetryStack } from "./telemetry-stack.ts";

export interface TelemetryOptions extends Workload {
  /** Of each stack at a time. */
  readonly numStreams: number;
  /** Requests of each stream in a repetition, one after the other. */
  readonly numRequests: number;
  readonly numRepetitions: number;
  /** Repetitions before the first that counts: code has to be compiled. */
  readonly numWarmUps: number;
  /** Part of every repetition: its last spans are sent so long after they end. Milliseconds. */
  readonly settleMs: number;
}

/**
 * What streaming costs each of several stacks. All are at work at once, on the same texts: what slows
 * a processor down for a few milliseconds slows them alike. (In turns of a few seconds, two equal stacks
 * were 9 % apart or more in a quarter of the repetitions, on a machine with little else to do.)
 * @returns the samples of each stack, in the order of repetitions
 */
export async function measureTelemetry(
  stacks: readonly TelemetryStack[],
  options: TelemetryOptions,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<TelemetrySample[][]> {
  const { numWarmUps, numRepetitions, settleMs } = options;
  const samples: TelemetrySample[][] = stacks.map(() => []);
  for (let repetition = 0; repetition < numWarmUps + numRepetitions; repetition++) {
    const before = stacks.map(cpuTimesOf);
    const numTokens = await Promise.all(
      stacks.map((stack) => streamAll(stack, options, repetition, signal)),
    );
    await sleep(settleMs, undefined, { signal });
    if (repetition >= numWarmUps)
      for (const [index, stack] of stacks.entries())
        samples[index]?.push({
          cpuMs: difference(cpuTimesOf(stack), before[index]),
          numTokens: numTokens[index] ?? 0,
        });
    onProgress();
  }
  return samples;
}

/** @returns the number of tokens that were streamed */
async function streamAll(
  { name, client }: TelemetryStack,
  options: TelemetryOptions,
  repetition: number,
  signal: AbortSignal,
): Promise<number> {
  const { numStreams, numRequests } = options;
  const ask = async (stream: number) => {
    const outcomes: StreamOutcome[] = [];
    for (let request = 0; request < numRequests && !signal.aborted; request++) {
      const index = (repetition * numStreams + stream) * numRequests + request;
      // Guesses every time: a policy that learns would go its own way in each stack.
      const body = { ...bodyOf(options, index), adaedl: { policy: "static:3" } };
      outcomes.push(await client.stream({ body, signal }));
    }
    return outcomes;
  };
  const streams = Array.from({ length: numStreams }, (_, stream) => ask(stream));
  const outcomes = (await Promise.all(streams)).flat();
  signal.throwIfAborted();
  const failed = outcomes.find(({ isComplete, status }) => !isComplete || status !== 200);
  if (failed !== undefined) {
    const { status, refusal = "" } = failed;
    throw new Error(`a stream of "${name}" ended early, with status ${status} ${refusal}`);
  }
  return outcomes.reduce((sum, outcome) => sum + outcome.numTokens, 0);
}

function cpuTimesOf({ usage: { verifier, draft, gateway } }: TelemetryStack): CpuTimes {
  return { verifier: verifier.cpuMs(), draft: draft.cpuMs(), gateway: gateway.cpuMs() };
}

function difference(after: CpuTimes, before: CpuTimes = after): CpuTimes {
  return {
    verifier: after.verifier - before.verifier,
    draft: after.draft - before.draft,
    gateway: after.gateway - before.gateway,
  };
}
