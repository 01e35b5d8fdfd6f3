import type { CommittedToken } from "@adaedl/core";
import type { GenerationFinished, GenerationRequest, Speculator } from "@adaedl/engine";

/** One finished generation. */
export interface Generation {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly finished: GenerationFinished;
}

/** Ratios of a generation's counts, in the project's vocabulary. */
export interface GenerationRates {
  /** Accepted / drafted; undefined when nothing was drafted. */
  readonly acceptanceRate: number | undefined;
  /** 1 + accepted / rounds. */
  readonly meanAcceptanceLength: number;
  readonly tokensPerSecond: number;
  readonly tokensPerTargetForward: number;
  /** Time spent neither drafting nor verifying. */
  readonly otherMs: number;
}

/**
 * Runs a request to its end.
 * @param onToken called with each token as it is committed
 */
export async function runGeneration(
  speculator: Speculator,
  request: GenerationRequest,
  signal: AbortSignal,
  onToken: (token: CommittedToken) => void = () => {},
): Promise<Generation> {
  let text = "";
  const tokenIds: number[] = [];
  for await (const event of speculator.generate(request, signal)) {
    if (event.type === "finished") return { text, tokenIds, finished: event };
    text += event.text;
    tokenIds.push(event.tokenId);
    onToken(event);
  }
  throw new Error("the generation ended without a result");
}

export function ratesOf({ tokenIds, finished }: Generation): GenerationRates {
  const { numRounds, numDrafted, numAccepted, draftMs, verifyMs, durationMs } = finished.statistics;
  return {
    acceptanceRate: numDrafted === 0 ? undefined : numAccepted / numDrafted,
    meanAcceptanceLength: 1 + numAccepted / numRounds,
    tokensPerSecond: (tokenIds.length / durationMs) * 1000,
    tokensPerTargetForward: tokenIds.length / finished.numTargetForwards,
    otherMs: durationMs - draftMs - verifyMs,
  };
}
