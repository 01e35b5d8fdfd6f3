import { median } from "@adaedl/bench";
import { type Served, serveApart, serveLlama, serveTogether } from "./served.ts";

export interface StreamsOptions {
  readonly llamaServer: string;
  readonly directory: string;
  /** The same model for llama.cpp. */
  readonly file: string;
  readonly counts: readonly number[];
  readonly numRounds: number;
}

/** Medians over the rounds. */
export interface StreamsComparison {
  readonly name: string;
  readonly numStreams: number;
  /** Processor time of all its processes for one token, in milliseconds. */
  readonly cpuMs: number;
  readonly tokensPerSecond: number;
  /** llama-server's processor time ÷ its own, of the same round. */
  readonly speed: number;
  readonly speedByClock: number;
}

const numTokens = 128;
const promptTokenIds = Array.from({ length: 32 }, (_, index) => 300 + ((index * 37) % 3000));
/** Before anything counts: until then V8 compiles what matters. */
const numWarmUpTokens = 4096;

/** Plain decoding of streams that begin at the same time, one way to serve after the other, round by round. */
export async function compareStreams(
  { llamaServer, directory, file, counts, numRounds }: StreamsOptions,
  signal: AbortSignal,
): Promise<StreamsComparison[]> {
  const most = Math.max(...counts);
  const all: Served[] = [];
  try {
    all.push(await serveLlama(llamaServer, file, most, 512, signal));
    all.push(await serveApart(directory, signal));
    all.push(await serveTogether(directory, signal));
    for (const one of all)
      for (let told = 0; told < numWarmUpTokens; told += most * numTokens)
        await measure(one, most, signal);
    const comparisons: StreamsComparison[] = [];
    for (const numStreams of counts) {
      const samples = all.map((): Sample[] => []);
      for (let round = 0; round < numRounds; round++)
        for (const [index, one] of all.entries())
          samples[index]?.push(await measure(one, numStreams, signal));
      const [theirs = []] = samples;
      for (const [index, { name }] of all.entries()) {
        const own = samples[index] ?? [];
        const middle = (of: (sample: Sample, theirs: Sample) => number) =>
          median(own.map((sample, round) => of(sample, theirs[round] as Sample)));
        comparisons.push({
          ...{ name, numStreams },
          cpuMs: middle(({ cpuMs }) => cpuMs),
          tokensPerSecond: middle(({ tokensPerSecond }) => tokensPerSecond),
          speed: middle((sample, other) => other.cpuMs / sample.cpuMs),
          speedByClock: middle((sample, other) => sample.tokensPerSecond / other.tokensPerSecond),
        });
      }
    }
    return comparisons;
  } finally {
    for (const one of all) await one.close();
  }
}

type Sample = Pick<StreamsComparison, "cpuMs" | "tokensPerSecond">;

async function measure(served: Served, numStreams: number, signal: AbortSignal): Promise<Sample> {
  const cpuBefore = served.cpuMs();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: numStreams }, (_, seed) => stream(served, seed + 1, signal)),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const all = numStreams * numTokens;
  return { cpuMs: (served.cpuMs() - cpuBefore) / all, tokensPerSecond: all / seconds };
}

/** @throws Error where it is not as long as asked for */
async function stream({ name, url }: Served, seed: number, signal: AbortSignal): Promise<void> {
  const extra = name === "llama-server" ? { cache_prompt: false } : { adaedl: { draft: false } };
  const body = {
    prompt: promptTokenIds,
    max_tokens: numTokens,
    ...{ stream: true, stream_options: { include_usage: true }, ignore_eos: true },
    ...{ temperature: 0.7, seed, ...extra },
  };
  const response = await fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const text = await response.text();
  const [, completed] = /"completion_tokens":(\d+)/.exec(text) ?? [];
  if (Number(completed) !== numTokens)
    throw new Error(`${name} sent ${completed} tokens of ${numTokens}: ${text.slice(0, 300)}`);
}
