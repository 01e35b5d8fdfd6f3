import type { GeneratedToken, GenerationRound, Started } from "@adaedl/protocol";
import { textOf } from "./logprobs.ts";

/** What a request was with its defaults filled in; `adaedl.request` where details are asked for. */
export function requestDetails(started: Started): object {
  return {
    policy: started.policy,
    verification: started.verification,
    seed: started.seed,
    temperature: started.temperature,
    max_tokens: started.maxTokens,
    num_prompt_tokens: started.numPromptTokens,
  };
}

/** Where it comes from; `adaedl.token`. */
export function tokenDetails({ tokenId, bytes, origin, entropy }: GeneratedToken): object {
  return { id: tokenId, text: textOf(bytes), origin, entropy: entropy ?? null };
}

/** A commit with the draft tokens that were verified, rejected ones too; `adaedl.round`. */
export function roundDetails(round: GenerationRound): object {
  return {
    number: round.number,
    guesses: round.guesses.map(({ tokenId, bytes, entropy }) => ({
      id: tokenId,
      text: textOf(bytes),
      entropy,
    })),
    num_accepted: round.numAccepted,
    end_reason: round.endReason ?? null,
    entropy_threshold: round.entropyThreshold ?? null,
    draft_ms: round.draftMs,
    wait_ms: round.waitMs,
    queue_ms: round.queueMs,
    verify_ms: round.verifyMs,
  };
}
