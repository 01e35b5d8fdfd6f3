import type { GenerationFinished, Started } from "@adaedl/protocol";

/** What speculation did for one choice; in the answer's field `speculation`. */
export function speculationOf(started: Started, { statistics }: GenerationFinished): object {
  const { numCommits, numDrafted, numAccepted, fallbackTokens } = statistics;
  const { numVerifierDrafted, numVerifierAccepted } = statistics;
  const meanAccepted = (numAccepted + numVerifierAccepted) / numCommits;
  return {
    policy: started.policy,
    verification: started.verification,
    seed: started.seed,
    commits: numCommits,
    drafted: numDrafted,
    accepted: numAccepted,
    accepted_by: statistics.acceptedBy,
    acceptance_rate: numDrafted === 0 ? null : numAccepted / numDrafted,
    verifier_drafted: numVerifierDrafted,
    verifier_accepted: numVerifierAccepted,
    mean_acceptance_length: numCommits === 0 ? null : 1 + meanAccepted,
    target_forwards: statistics.numTargetForwards,
    draft_forwards: statistics.numDraftForwards,
    round_trips: statistics.numRoundTrips,
    reopened: statistics.numReopened,
    bytes_up: statistics.bytesUp,
    bytes_down: statistics.bytesDown,
    draft_ms: statistics.draftMs,
    queue_ms: statistics.queueMs,
    verify_ms: statistics.verifyMs,
    network_ms: statistics.networkMs,
    duration_ms: statistics.durationMs,
    fallback_tokens: fallbackTokens,
  };
}

/** The same in the names of llama-server's `timings`, those of them that are known here. */
export function timingsOf({ numPromptTokens, numOutputTokens, statistics }: GenerationFinished) {
  const { durationMs } = statistics;
  const numDrafted = statistics.numDrafted + statistics.numVerifierDrafted;
  const numAccepted = statistics.numAccepted + statistics.numVerifierAccepted;
  return {
    prompt_n: numPromptTokens,
    predicted_n: numOutputTokens,
    predicted_ms: durationMs,
    predicted_per_token_ms: durationMs / numOutputTokens,
    predicted_per_second: (1000 * numOutputTokens) / durationMs,
    ...(numDrafted === 0 ? {} : { draft_n: numDrafted, draft_n_accepted: numAccepted }),
  };
}

/** Tokens in and out; the prompt of several choices counts once. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** @param numPerPrompt choices of one prompt follow each other */
export function usageOf(finished: readonly GenerationFinished[], numPerPrompt: number): Usage {
  const ofPrompts = finished.filter((_, index) => index % numPerPrompt === 0);
  const prompt_tokens = sum(ofPrompts.map(({ numPromptTokens }) => numPromptTokens));
  const completion_tokens = sum(finished.map(({ numOutputTokens }) => numOutputTokens));
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
