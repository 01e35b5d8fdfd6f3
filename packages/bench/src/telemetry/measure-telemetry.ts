import { AdaedlError } from "@adaedl/core";
import { perProcess, type TelemetrySample, type TelemetryStack } from "./telemetry-stack.ts";

export interface TelemetryOptions {
  readonly prompts: readonly string[];
  /** Output tokens of each request. */
  readonly numTokens: number;
  /** Of each stack at a time. */
  readonly numStreams: number;
  /** Requests of each stream, one after the other. */
  readonly numRequests: number;
  /** Of each stream before those; they do not count. */
  readonly numWarmUpRequests: number;
  /** So often all stacks are started anew. */
  readonly numLaunches: number;
}

/** Stacks that run, until they are disposed of. */
export interface LaunchedStacks extends AsyncDisposable {
  readonly stacks: readonly TelemetryStack[];
}

/**
 * What streaming costs each of several stacks. All are at work at once, on the same texts: what slows
 * a processor down for a few milliseconds slows them alike. (In turns of a few seconds, two equal stacks
 * were 9 % apart or more in a quarter of the repetitions, on a machine with little else to do.) And all
 * are started anew for every sample: two equal processes differ by 1 or 2 % for as long as they live.
 *
 * The requests of the beginning do not count: there is more to compile in a service that is watched, of which
 * a span or two a request is done for a long time before it is compiled at all, and a service lives for weeks.
 * Their last spans are sent when it counts, as the last ones of all are sent after it.
 * @param launch the same stacks in the same order
 * @returns the samples of each stack, in the order of launches
 */
export async function measureTelemetry(
  launch: () => Promise<LaunchedStacks>,
  options: TelemetryOptions,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<TelemetrySample[][]> {
  const launches: TelemetrySample[][] = [];
  for (let number = 0; number < options.numLaunches; number++) {
    await using launched = await launch();
    launches.push(await measureOnce(launched.stacks, options, number, signal));
    onProgress();
  }
  return (launches[0] ?? []).map((_, stack) => launches.flatMap((samples) => samples[stack] ?? []));
}

/** @returns a sample of each stack */
async function measureOnce(
  stacks: readonly TelemetryStack[],
  options: TelemetryOptions,
  launch: number,
  signal: AbortSignal,
): Promise<TelemetrySample[]> {
  const { numWarmUpRequests, numRequests } = options;
  const inAll = numWarmUpRequests + numRequests;
  const streamEverywhere = (from: number, to: number) =>
    Promise.all(
      stacks.map((stack) => streamAll(stack, options, { launch, inAll, from, to }, signal)),
    );
  await streamEverywhere(0, numWarmUpRequests);
  const before = stacks.map(({ usage }) => perProcess((process) => usage[process].cpuMs()));
  const numTokens = await streamEverywhere(numWarmUpRequests, inAll);
  return stacks.map(({ usage }, index) => ({
    cpuMs: perProcess((process) => usage[process].cpuMs() - (before[index]?.[process] ?? 0)),
    numTokens: numTokens[index] ?? 0,
  }));
}

/** Which requests of each stream. */
interface Part {
  readonly launch: number;
  /** Of a launch. */
  readonly inAll: number;
  readonly from: number;
  readonly to: number;
}

/** @returns the number of tokens that were streamed */
async function streamAll(
  { name, client }: TelemetryStack,
  options: TelemetryOptions,
  { launch, inAll, from, to }: Part,
  signal: AbortSignal,
): Promise<number> {
  const { numStreams, prompts, numTokens: max_tokens } = options;
  const ask = async (stream: number) => {
    let numTokens = 0;
    for (let request = from; request < to && !signal.aborted; request++) {
      const index = (launch * numStreams + stream) * inAll + request;
      const body = {
        prompt: prompts[index % prompts.length] ?? "",
        ...{ max_tokens, ignore_eos: true, temperature: 0.7, seed: index },
        adaedl: { policy: "static:3" }, // one that learns would go its own way in each stack
      };
      numTokens += await client.stream(body, signal);
    }
    return numTokens;
  };
  const streams = Array.from({ length: numStreams }, (_, stream) => ask(stream));
  const counts = await Promise.all(streams).catch((error) => {
    signal.throwIfAborted();
    const { code, message } = AdaedlError.from(error);
    throw new AdaedlError(code, `stack "${name}": ${message}`, { cause: error });
  });
  signal.throwIfAborted();
  return counts.reduce((sum, count) => sum + count, 0);
}
