import type {
  GeneratedToken,
  GenerationCommit,
  GenerationFrontier,
  Started,
} from "@adaedl/protocol";
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

/** Where it comes from, and what had drafted it; `adaedl.token`. */
export function tokenDetails(token: GeneratedToken): object {
  const { tokenId, bytes, origin, drafters = [], entropy = null } = token;
  return { id: tokenId, text: textOf(bytes), origin, drafters, entropy };
}

/** A commit with the draft tokens that were verified, rejected ones too; `adaedl.commit`. */
export function commitDetails(commit: GenerationCommit): object {
  return {
    number: commit.number,
    draft_tokens: commit.draftTokens.map(({ tokenId, bytes, entropy = null }) => ({
      id: tokenId,
      text: textOf(bytes),
      entropy,
    })),
    num_accepted: commit.numAccepted,
    end_reason: commit.endReason ?? null,
    draft_ms: commit.draftMs,
    wait_ms: commit.waitMs,
    queue_ms: commit.queueMs,
    verify_ms: commit.verifyMs,
  };
}

/** How far the edge is ahead, and with which draft tokens; `adaedl.frontier`. */
export function frontierDetails({ distance, places }: GenerationFrontier): object {
  const told = places.map((place) =>
    place.map(({ tokenId, bytes, chance }) => ({ id: tokenId, text: textOf(bytes), chance })),
  );
  return { distance, places: told };
}
