import { roundLimits } from "../drafting/drafting-pace.ts";
import type { StoppingPolicy } from "../stopping/policy.ts";
import { modelPlace } from "../stream/ports.ts";
import type { DraftingStrategy, SourceStrategy, VerifiedToken } from "./drafting-strategy.ts";
import type { DraftEndReason } from "./ports.ts";

/**
 * One draft after the other, each verified as a whole: the protocol of the papers. The stopping policy
 * ends drafts, and is told what became of them.
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

  const source: SourceStrategy = {
    kind: "model",
    numCandidates: 2, // the second says by how much the first is ahead
    maxWidth: limits.width,
    limits: () => limits,
    assess({ paths: [path = []], places: [answer], room, ms }) {
      const place = answer && modelPlace(answer);
      const evidence = place === undefined ? [] : [{ place }];
      const index = path.length;
      if (index === 0) {
        limit = Math.min(longest, room);
        draft = [];
        draftMs = 0;
        endReason = undefined;
      }
      draftMs += ms;
      const [first, second] = place?.candidates ?? [];
      if (place === undefined || first === undefined) {
        endReason = "drafter";
        return { candidates: [[]], evidence, isLast: true };
      }
      const { entropy, topProb } = place;
      const guess = { index, entropy, topProb, guessProb: first.prob, margin: second?.behind };
      if (policy.withholds?.(guess)) {
        endReason = "policy";
        return { candidates: [[]], evidence, isLast: true };
      }
      const { tokenId, distribution } = first;
      draft.push({ tokenId, entropy });
      const isEnough = policy.stopsAfter(guess); // of the last one too: it may learn from each
      if (index + 1 >= limit) endReason = "limit";
      else if (isEnough) endReason = "policy";
      const candidate = { tokenId, chance: 1, ...(distribution && { distribution }) };
      return { candidates: [[candidate]], evidence, isLast: endReason !== undefined };
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
