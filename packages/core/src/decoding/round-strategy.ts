import { roundLimits } from "../drafting/drafting-pace.ts";
import type { StoppingPolicy } from "../stopping/policy.ts";
import type { Candidate, FurtherPlace } from "../stream/edge-events.ts";
import { type ModelPlace, modelPlace } from "../stream/ports.ts";
import type { DraftingStrategy, SourceStrategy, VerifiedToken } from "./drafting-strategy.ts";
import type { DraftEndReason } from "./ports.ts";

/**
 * One draft after the other, each verified as a whole: the protocol of the papers. The stopping policy
 * ends drafts, and is told what became of them. Where a draft model says more than it was asked (in
 * parallel), the policy cuts that list.
 * @param maxDraftLength longest draft, whatever the policy wants
 */
export function createRoundStrategy(
  policy: StoppingPolicy,
  maxDraftLength: number,
): DraftingStrategy {
  const longest = Math.min(policy.maxDraftLength, maxDraftLength);
  const limits = roundLimits(longest);
  let draft: VerifiedToken[] = [];
  let limit = longest;
  let draftMs = 0;
  let endReason: DraftEndReason | undefined;

  /** The draft token of a place; none where the draft ends before it. */
  function candidatesAt(place: ModelPlace, index: number): readonly Candidate[] {
    const [first, second] = place.candidates;
    if (first === undefined) {
      endReason = "drafter";
      return [];
    }
    const { entropy, topProb } = place;
    const guess = { index, entropy, topProb, guessProb: first.prob, margin: second?.behind };
    if (policy.withholds?.(guess)) {
      endReason = "policy";
      return [];
    }
    const { tokenId, distribution } = first;
    draft.push({ tokenId, entropy });
    const isEnough = policy.stopsAfter(guess); // of the last one too: it may learn from each
    if (index + 1 >= limit) endReason = "limit";
    else if (isEnough) endReason = "policy";
    return [{ tokenId, chance: 1, ...(distribution && { distribution }) }];
  }

  const source: SourceStrategy = {
    kind: "model",
    numCandidates: 2, // the second says by how much the first is ahead
    maxWidth: limits.width,
    limits: () => limits,
    assess({ paths: [path = []], places: [answer], further, room, ms }) {
      if (path.length === 0) {
        limit = Math.min(longest, room);
        draft = [];
        draftMs = 0;
        endReason = undefined;
      }
      draftMs += ms;
      const places = answer === undefined ? [] : [answer, ...(further?.[0] ?? [])];
      if (places.length === 0) endReason = "drafter";
      const drafted: FurtherPlace[] = [];
      for (const place of places) {
        const candidates = candidatesAt(modelPlace(place), path.length + drafted.length);
        drafted.push({ candidates, evidence: { place } });
        if (endReason !== undefined) break;
      }
      const [first, ...others] = drafted;
      return {
        candidates: [first?.candidates ?? []],
        evidence: first === undefined ? [] : [first.evidence],
        further: [others],
        isLast: endReason !== undefined,
      };
    },
  };
  return {
    isInRounds: true,
    sources: [source],
    observe({ numJudged, numAccepted }, _, __, roundMs) {
      if (numJudged > 0)
        policy.observe({
          numDrafted: numJudged,
          numAccepted,
          maxDraftLength: limit,
          draftMs,
          roundMs,
        });
      const story = { draftTokens: draft, endReason };
      draft = [];
      return story;
    },
  };
}
