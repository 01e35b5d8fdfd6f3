import type { GenerateRequest, GenerationClient, SpeculationStatistics } from "@adaedl/protocol";
import { median } from "./statistics.ts";

export interface ServicesBenchmark {
  readonly policies: readonly string[];
  /** Sessions at a time that are compared with one. */
  readonly numSessions: number;
  readonly maxTokens: number;
  /**
   * Generations of each session, one after the other: so many sessions are really at work most of the
   * time, whenever each of them ends.
   */
  readonly numGenerations: number;
  /** Every figure is the median of so many repetitions, all of them interleaved. */
  readonly numRepetitions: number;
  readonly prompts: readonly string[];
}

/** What one policy gives at a draft service. Medians. */
export interface ServicesResult {
  readonly policy: string;
  readonly oneTokensPerSecond: number;
  /** Of all sessions together. */
  readonly manyTokensPerSecond: number;
  /** Many ÷ one, each pair measured one after the other. */
  readonly speedUp: number;
  /**
   * One session: what a round took beyond drafting, the verifier's queue and the target's forward, in
   * milliseconds. With an emulated delay on the way that is in it.
   */
  readonly overheadMs: number;
  readonly roundTripsPerToken: number;
}

interface Sample {
  readonly one: number;
  readonly many: number;
  readonly overheadMs: number;
  readonly roundTripsPerToken: number;
}

/**
 * Measures a draft service (and the verifier behind it) under one session and under many.
 * @param onProgress told after each pair of measurements
 */
export async function benchmarkServices(
  client: GenerationClient,
  options: ServicesBenchmark,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<ServicesResult[]> {
  const { policies, numSessions, numRepetitions } = options;
  const samples = new Map<string, Sample[]>(policies.map((policy) => [policy, []]));
  // Not measured: the first forwards of a process are slow.
  for (const policy of policies) await runSessions(client, options, policy, numSessions, 0, signal);

  for (let repetition = 1; repetition <= numRepetitions; repetition++) {
    for (const policy of policies) {
      const one = await runSessions(client, options, policy, 1, repetition, signal);
      const many = await runSessions(client, options, policy, numSessions, repetition, signal);
      const roundTrips = one.statistics.map(({ numRoundTrips }) => numRoundTrips);
      samples.get(policy)?.push({
        one: one.tokensPerSecond,
        many: many.tokensPerSecond,
        overheadMs: median(one.statistics.map(overheadOf)),
        roundTripsPerToken: median(roundTrips) / options.maxTokens,
      });
      onProgress();
    }
  }
  return policies.map((policy) => resultOf(policy, samples.get(policy) ?? []));
}

async function runSessions(
  client: GenerationClient,
  { prompts, maxTokens, numGenerations }: ServicesBenchmark,
  policy: string,
  numSessions: number,
  repetition: number,
  signal: AbortSignal,
) {
  const startedAt = performance.now();
  const statistics = await Promise.all(
    Array.from({ length: numSessions }, async (_, session) => {
      const generations: SpeculationStatistics[] = [];
      for (let number = 0; number < numGenerations; number++) {
        const index = session * numGenerations + number;
        const text = prompts[(repetition + index) % prompts.length] ?? "";
        const request: GenerateRequest = {
          prompt: { type: "text", text },
          policy,
          maxTokens,
          ignoreEos: true,
          seed: repetition * 100 + index,
          sampling: { temperature: 0.7 },
        };
        generations.push(await statisticsOf(client, request, signal));
      }
      return generations;
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const numTokens = numSessions * numGenerations * maxTokens;
  return { statistics: statistics.flat(), tokensPerSecond: numTokens / seconds };
}

async function statisticsOf(
  client: GenerationClient,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<SpeculationStatistics> {
  for await (const event of client.generate(request, signal))
    if (event.type === "finished") return event.statistics;
  throw new Error("the generation ended without its last event");
}

/** Everything of a round that is neither inference nor its queue. */
function overheadOf(statistics: SpeculationStatistics): number {
  const { durationMs, draftMs, queueMs, verifyMs, numCommits } = statistics;
  return (durationMs - draftMs - queueMs - verifyMs) / numCommits;
}

function resultOf(policy: string, samples: readonly Sample[]): ServicesResult {
  const of = (pick: (sample: Sample) => number) => median(samples.map(pick));
  return {
    policy,
    oneTokensPerSecond: of((sample) => sample.one),
    manyTokensPerSecond: of((sample) => sample.many),
    speedUp: of((sample) => sample.many / sample.one),
    overheadMs: of((sample) => sample.overheadMs),
    roundTripsPerToken: of((sample) => sample.roundTripsPerToken),
  };
}
