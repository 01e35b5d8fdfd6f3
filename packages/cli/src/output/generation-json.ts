import type { FallbackTokens } from "@adaedl/core";
import { type Generation, type NetworkCosts, ratesOf } from "../generation.ts";

/** What a generation's JSON says besides its outcome. */
export interface GenerationContext {
  readonly promptTokenIds: readonly number[];
  readonly policy: string;
  readonly verification: string;
  readonly seed: number;
  readonly temperature: number;
}

/** The object that `generate --json` prints. Its field names are public: do not rename. */
export function generationJson(generation: Generation, context: GenerationContext) {
  const { text, tokenIds, finishReason, statistics, network } = generation;
  const { numCommits, numDrafted, numAccepted, draftMs, verifyMs, durationMs } = statistics;
  const rates = ratesOf(generation);
  const { promptTokenIds, policy, verification, seed, temperature } = context;
  return {
    text,
    tokenIds,
    promptTokenIds,
    finishReason,
    policy,
    verification,
    seed,
    temperature,
    commits: numCommits,
    targetForwards: statistics.numTargetForwards,
    draftForwards: statistics.numDraftForwards,
    numDrafted,
    numAccepted,
    acceptedBy: statistics.acceptedBy,
    numVerifierDrafted: statistics.numVerifierDrafted,
    numVerifierAccepted: statistics.numVerifierAccepted,
    acceptanceRate: rates.acceptanceRate ?? null,
    meanAcceptanceLength: rates.meanAcceptanceLength,
    durationMs: rounded(durationMs),
    tokensPerSecond: rounded(rates.tokensPerSecond),
    ...(network === undefined ? {} : networkJson(network, statistics.fallbackTokens)),
    timings: {
      draftMs: rounded(draftMs),
      ...(network === undefined ? {} : { queueMs: rounded(network.queueMs) }),
      verifyMs: rounded(verifyMs),
      otherMs: rounded(rates.otherMs),
    },
  };
}

/** What only a generation over a network has. */
function networkJson(network: NetworkCosts, fallbackTokens: FallbackTokens) {
  const { networkMs, numRoundTrips, numReopened, bytesUp, draftTokenBytesUp, bytesDown } = network;
  return {
    networkMs: rounded(networkMs),
    roundTrips: numRoundTrips,
    reopened: numReopened,
    bytesUp,
    draftTokenBytesUp,
    bytesDown,
    fallbackTokens,
  };
}

/** The clock's noise is not worth seventeen digits. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
