import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import type { VerificationClient, VerifierDescription } from "@adaedl/protocol";
import { median } from "../statistics.ts";
import { requestPlain } from "./plain-request.ts";

export interface TenantsBenchmark {
  /** A connection of each tenant; the last one's load is `loudFactor` times the others'. */
  readonly tenants: readonly VerificationClient[];
  readonly loudFactor: number;
  /** Load of each of the others, as a part of what the verifier can do. */
  readonly share: number;
  readonly numTokens: number;
  readonly windowMs: number;
  readonly numRepetitions: number;
}

/** Tokens a second. Medians. */
export interface TenantsResult {
  /** What the verifier can do: many sessions of one tenant. */
  readonly capacity: number;
  /** Of all quiet tenants together, while the loud one is silent. */
  readonly quietAlone: number;
  /** The same with the loud one. */
  readonly quietBeside: number;
  /** Beside ÷ alone, each pair measured one after the other. */
  readonly kept: number;
  /** Of the worst quiet tenant. */
  readonly keptWorst: number;
  readonly loud: number;
  /** Requests of the loud one that were turned away. */
  readonly numRefused: number;
}

const capacitySessions = 16;

/** How much of their throughput the tenants of a verifier keep when one of them is loud. */
export async function benchmarkTenants(
  options: TenantsBenchmark,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<TenantsResult> {
  const { tenants, loudFactor, share, numRepetitions } = options;
  const [first] = tenants;
  if (first === undefined) throw new RangeError("there must be a tenant");
  setMaxListeners(0, signal);
  const description = await first.describe(5_000, signal);
  const measure = (rates: readonly number[]) => offerLoad(options, description, rates, signal);

  const capacity = await measureCapacity(first, description, options, signal);
  const rate = (capacity * share) / options.numTokens; // requests a second
  const quiet = tenants.slice(0, -1).map(() => rate);
  const samples: Omit<TenantsResult, "capacity">[] = [];
  for (let repetition = 0; repetition < numRepetitions; repetition++) {
    const alone = await measure([...quiet, 0]);
    const beside = await measure([...quiet, rate * loudFactor]);
    const ratios = quiet.map((_, i) => (beside.tokens[i] ?? 0) / (alone.tokens[i] ?? 0));
    const seconds = options.windowMs / 1000;
    const [quietAlone, quietBeside] = [alone, beside].map(
      ({ tokens }) => sum(tokens.slice(0, -1)) / seconds,
    ) as [number, number];
    samples.push({
      quietAlone,
      quietBeside,
      kept: quietBeside / quietAlone,
      keptWorst: Math.min(...ratios),
      loud: (beside.tokens.at(-1) ?? 0) / seconds,
      numRefused: beside.numRefused,
    });
    onProgress();
  }
  const of = (field: keyof (typeof samples)[number]) => median(samples.map((s) => s[field]));
  return {
    capacity,
    quietAlone: of("quietAlone"),
    quietBeside: of("quietBeside"),
    kept: of("kept"),
    keptWorst: of("keptWorst"),
    loud: of("loud"),
    numRefused: of("numRefused"),
  };
}

async function measureCapacity(
  client: VerificationClient,
  description: VerifierDescription,
  { numTokens, windowMs }: TenantsBenchmark,
  signal: AbortSignal,
): Promise<number> {
  let isOver = false;
  let numDone = 0;
  const sessions = Array.from({ length: capacitySessions }, async (_, session) => {
    for (let turn = 0; !isOver; turn++)
      await requestPlain(client, description, session * 1_000 + turn, numTokens, signal, () => {
        if (!isOver) numDone++;
      });
  });
  await sleep(windowMs / 4, undefined, { signal }); // the first forwards of a process are slow
  numDone = 0;
  await sleep(windowMs, undefined, { signal });
  isOver = true;
  const capacity = numDone / (windowMs / 1000);
  await Promise.all(sessions);
  return capacity;
}

/** Every tenant asks at its own rate, however long the answers take. @returns tokens of each */
async function offerLoad(
  { tenants, numTokens, windowMs }: TenantsBenchmark,
  description: VerifierDescription,
  requestsPerSecond: readonly number[],
  signal: AbortSignal,
): Promise<{ tokens: number[]; numRefused: number }> {
  const tokens = tenants.map(() => 0);
  let numRefused = 0;
  let isOver = false;
  let failure: unknown;
  const requests: Promise<void>[] = [];
  const begin = (tenant: VerificationClient, index: number, seed: number) =>
    requestPlain(tenant, description, seed, numTokens, signal, () => {
      if (!isOver) tokens[index] = (tokens[index] ?? 0) + 1;
    }).catch((error) => {
      if (AdaedlError.from(error).code === "resource_exhausted") numRefused++;
      else failure ??= error;
    });
  await Promise.all(
    tenants.map(async (tenant, index) => {
      const rate = requestsPerSecond[index] ?? 0;
      if (rate === 0) return;
      const startedAt = performance.now();
      for (let seed = 0; ; seed++) {
        const dueMs = startedAt + (seed * 1000) / rate - performance.now();
        if (dueMs > 0) await sleep(dueMs, undefined, { signal });
        if (performance.now() - startedAt > windowMs) return;
        requests.push(begin(tenant, index, seed));
      }
    }),
  );
  isOver = true;
  await Promise.all(requests);
  if (failure !== undefined) throw failure;
  return { tokens, numRefused };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
