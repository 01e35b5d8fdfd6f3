import type { CommittedToken, FinishReason } from "@adaedl/core";
import type { GenerationEvent } from "@adaedl/engine";
import type { SpeculationStatistics } from "@adaedl/protocol";

/** One finished generation. */
export interface Generation {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly finishReason: FinishReason;
  readonly statistics: GenerationStatistics;
  /** Of a generation over a network: what the way there and back was. */
  readonly network?: NetworkCosts;
}

/** What is counted wherever the models are. */
export type GenerationStatistics = Pick<
  SpeculationStatistics,
  | ("numCommits" | "numDrafted" | "numAccepted" | "numTargetForwards" | "numDraftForwards")
  | ("acceptedBy" | "numVerifierDrafted" | "numVerifierAccepted")
  | ("draftMs" | "verifyMs" | "durationMs" | "fallbackTokens")
>;

/** What else there is over a network. */
export type NetworkCosts = Pick<
  SpeculationStatistics,
  | ("networkMs" | "queueMs" | "numRoundTrips" | "numReopened")
  | ("bytesUp" | "draftTokenBytesUp" | "bytesDown")
>;

/** Ratios of a generation's counts, in the project's vocabulary. */
export interface GenerationRates {
  /** Accepted / drafted; undefined when nothing was drafted. */
  readonly acceptanceRate: number | undefined;
  /** 1 + accepted / commits, the verifier's own draft tokens included. */
  readonly meanAcceptanceLength: number;
  readonly tokensPerSecond: number;
  readonly tokensPerTargetForward: number;
  /** Spent neither drafting nor waiting for commits. A stream does both at once. */
  readonly otherMs: number;
}

/**
 * Collects a generation to its end.
 * @param onToken called with each token as it is committed
 */
export async function collectGeneration(
  events: AsyncIterable<GenerationEvent>,
  onToken: (token: CommittedToken) => void = () => {},
): Promise<Generation> {
  let text = "";
  const tokenIds: number[] = [];
  for await (const event of events) {
    if (event.type === "finished") {
      const { finishReason, statistics, numDraftForwards } = event;
      return { text, tokenIds, finishReason, statistics: { ...statistics, numDraftForwards } };
    }
    text += event.text;
    tokenIds.push(event.tokenId);
    onToken(event);
  }
  throw new Error("the generation ended without a result");
}

export function ratesOf({ tokenIds, statistics, network }: Generation): GenerationRates {
  const { numCommits, numDrafted, numAccepted, draftMs, verifyMs, durationMs } = statistics;
  const numAllAccepted = numAccepted + statistics.numVerifierAccepted;
  const wayMs = network === undefined ? 0 : network.networkMs + network.queueMs;
  return {
    acceptanceRate: numDrafted === 0 ? undefined : numAccepted / numDrafted,
    meanAcceptanceLength: 1 + numAllAccepted / numCommits,
    tokensPerSecond: (tokenIds.length / durationMs) * 1000,
    tokensPerTargetForward: tokenIds.length / statistics.numTargetForwards,
    otherMs: Math.max(0, durationMs - draftMs - verifyMs - wayMs),
  };
}
