import type { StreamDrafting } from "../drafting/stream-policy.ts";
import type { Candidate, Delivered, DraftingLimits } from "../stream/edge-events.ts";
import type { Commit, StepFacts } from "../stream/messages.ts";
import type { PlaceEvidence } from "../stream/ports.ts";
import type { DraftEndReason } from "./ports.ts";

/** A draft forward that is over. */
export interface DraftForward {
  /** Draft tokens before each place. */
  readonly paths: readonly (readonly number[])[];
  /** [paths], or none where the drafter was not ready. */
  readonly places: readonly PlaceEvidence[];
  /** Draft tokens that fit after the text: the target adds one more. */
  readonly room: number;
  readonly ms: number;
}

/** What the edge makes of it. */
export interface Assessment {
  /** What may be offered. [places][candidates] */
  readonly candidates: readonly (readonly Candidate[])[];
  /** Rounds: the draft ends here. */
  readonly isLast: boolean;
}

/** A draft token that was verified, as far as the edge knows it, and what was known of its place. */
export interface VerifiedToken {
  readonly tokenId: number;
  readonly entropy: number;
}

/** What whoever watches is told of a commit's draft. */
export interface DraftStory {
  readonly draftTokens: readonly VerifiedToken[];
  readonly endReason?: DraftEndReason | undefined;
}

/** Decides what is drafted and offered for one text, and learns from what becomes of it. */
export interface DraftingStrategy {
  /** Whether each forward of the target waits for its draft. */
  readonly isInRounds: boolean;
  /** Draft tokens to propose for each place. */
  readonly numCandidates: number;
  /** Most places of a draft forward; what `limits` says may be less at first. */
  readonly maxWidth: number;
  /** For now; the same object until something changes. */
  limits(): DraftingLimits;
  assess(forward: DraftForward): Assessment;
  /**
   * A commit came in.
   * @param delivered its tokens that were new
   * @param elapsedMs since the last one, or since drafting began
   */
  observe(
    commit: Commit,
    facts: StepFacts,
    delivered: readonly Delivered[],
    elapsedMs: number,
  ): DraftStory;
}

/** Offers trees, within limits that follow what is measured, by chances that are learnt. */
export function createStreamStrategy({
  numCandidates,
  chances,
  pace,
}: StreamDrafting): DraftingStrategy {
  return {
    isInRounds: false,
    numCandidates,
    maxWidth: pace.maxWidth,
    limits: () => pace.limits(),
    assess({ places, ms }) {
      if (places.length > 0) pace.observeDraft(places.length, ms);
      const candidates = places.map((place) => {
        const all = chances.chancesOf(place);
        return place.candidates.map(({ tokenId }, rank) => ({
          tokenId,
          chance: all[rank] as number,
        }));
      });
      return { candidates, isLast: false };
    },
    observe({ tokenIds, numAccepted }, { verifyMs }, delivered) {
      pace.observeCommit({ numTokens: tokenIds.length, numAccepted, verifyMs });
      const draftTokens: VerifiedToken[] = [];
      for (const { tokenId, origin, evidence } of delivered) {
        if (evidence === undefined) continue;
        chances.observe(evidence, tokenId);
        const { entropy, candidates } = evidence;
        // A rejected draft token is not named by the target: it verified the likeliest one.
        const rejected = candidates.find((one) => one.tokenId !== tokenId);
        if (origin === "accepted") draftTokens.push({ tokenId, entropy });
        else if (origin === "recovered" && rejected !== undefined)
          draftTokens.push({ tokenId: rejected.tokenId, entropy });
      }
      return { draftTokens };
    },
  };
}
