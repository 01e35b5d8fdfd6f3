import type { PlaceClaims } from "../drafting/merged-chances.ts";
import type { SourceDrafting, StreamDrafting } from "../drafting/stream-policy.ts";
import type {
  Candidate,
  Delivered,
  DraftingLimits,
  Evidence,
  FurtherPlace,
} from "../stream/edge-events.ts";
import type { Commit, StepFacts } from "../stream/messages.ts";
import type { DrafterKind, PlaceEvidence } from "../stream/ports.ts";
import type { Guess } from "../verification/rule.ts";
import type { DraftEndReason } from "./ports.ts";

/** An answer of a drafter. */
export interface DraftForward {
  /** Draft tokens before each place. */
  readonly paths: readonly (readonly number[])[];
  /** [paths], or none where the drafter was not ready. */
  readonly places: readonly PlaceEvidence[];
  /** As in `Proposal`. */
  readonly further?: readonly (readonly PlaceEvidence[])[] | undefined;
  /** What other sources had proposed there. [paths] */
  readonly others: readonly (readonly Candidate[])[];
  /** Draft tokens that fit after the text: the target adds one more. */
  readonly room: number;
  readonly ms: number;
}

/** What the edge makes of it. */
export interface Assessment {
  /** What may be offered. [places][candidates] */
  readonly candidates: readonly (readonly Candidate[])[];
  /** What others have proposed is worth now. [places][candidates] */
  readonly others?: readonly (readonly Candidate[])[];
  /** What is learnt from when the target's token is known. [places] */
  readonly evidence: readonly Evidence[];
  /** Places after each, as in `Proposal`. [places][0 or more] */
  readonly further?: readonly (readonly FurtherPlace[])[] | undefined;
  /** Rounds: the draft ends here. */
  readonly isLast: boolean;
}

/** A draft token that was verified, as far as the edge knows it, and what was known of its place. */
export interface VerifiedToken {
  readonly tokenId: number;
  /** Of the draft model's distribution, where it looked at the place. */
  readonly entropy?: number;
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
  /** At least one; in rounds one. Their draft tokens become one tree. */
  readonly sources: readonly SourceStrategy[];
  /**
   * A commit came in. Its counts are of the edge's draft tokens alone.
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

/** What one drafter is asked, and what is made of its answers. */
export interface SourceStrategy {
  readonly kind: DrafterKind;
  /** Draft tokens to propose for each place. */
  readonly numCandidates: number;
  /** Most places of a question; what `limits` says may be less at first. */
  readonly maxWidth: number;
  /** For now; the same object until something changes. */
  limits(): DraftingLimits;
  assess(forward: DraftForward): Assessment;
}

/** Offers trees, within limits that follow what is measured, by chances that are learnt for each source. */
export function createStreamStrategy(
  drafting: StreamDrafting,
  kinds: readonly DrafterKind[],
): DraftingStrategy {
  const sources = kinds.map((kind) => drafting.sourceOf(kind));
  return {
    isInRounds: false,
    sources: sources.map((source, index) => sourceStrategy(kinds[index] as DrafterKind, source)),
    observe({ tokenIds, numJudged }, { verifyMs }, delivered) {
      for (const [index, { pace, chances, merged }] of sources.entries()) {
        const isTable = kinds[index] !== "model";
        pace.observeCommit({
          ...useOf(index, kinds, delivered, tokenIds.length),
          numForegone: isTable ? numForegoneBy(index, kinds, delivered) : 0,
          verifyMs,
        });
        for (const { tokenId, evidence, ahead } of delivered)
          for (const known of [evidence[index], ahead[index]]) {
            if (known === undefined) continue;
            chances.observe(known.place, tokenId);
            if (known.claims !== undefined) merged.observe(known.claims, tokenId);
          }
      }
      return { draftTokens: delivered.flatMap((token) => verifiedTokens(token, numJudged)) };
    },
  };
}

/**
 * Tokens that say whether a source is of use: not those that others had without it, or of several that agree all
 * would seem to be of no use. A token that the draft model had counts for the model, one that tables alone had for the
 * first of these.
 */
function useOf(
  source: number,
  kinds: readonly DrafterKind[],
  delivered: readonly Delivered[],
  numAll: number,
) {
  const isModel = (one: number) => kinds[one] === "model";
  const isOwn = ({ sources }: Delivered) =>
    isModel(source)
      ? sources.includes(source)
      : Math.min(...sources) === source && !sources.some(isModel);
  const numDrafted = delivered.filter(({ sources }) => sources.length > 0).length;
  const numAccepted = delivered.filter(isOwn).length;
  return { numTokens: numAll - (numDrafted - numAccepted), numAccepted };
}

/** Tokens that no draft token stood for, and that a table knew where the draft model looked and did not; of several tables the first. */
function numForegoneBy(
  table: number,
  kinds: readonly DrafterKind[],
  delivered: readonly Delivered[],
) {
  const model = kinds.indexOf("model");
  return delivered.filter(({ tokenId, sources, evidence }) => {
    const knows = (known: Evidence | undefined) =>
      known?.place.candidates.some((one) => one.tokenId === tokenId) ?? false;
    const isSeen = model < 0 || evidence[model] !== undefined;
    const isFirst = evidence.findIndex(knows) === table && !knows(evidence[model]);
    return sources.length === 0 && isSeen && isFirst;
  }).length;
}

function sourceStrategy(
  kind: DrafterKind,
  { numCandidates, chances, merged, pace }: SourceDrafting,
): SourceStrategy {
  return {
    kind,
    numCandidates,
    maxWidth: pace.maxWidth,
    limits: () => pace.limits(),
    assess({ places, further, others, ms }) {
      if (places.length > 0) pace.observeDraft(places.length, ms);
      const candidatesOf = (place: PlaceEvidence): Candidate[] => {
        const ownChances = chances.chancesOf(place);
        return place.candidates.map(({ tokenId }, rank) => ({
          tokenId,
          chance: ownChances[rank] as number,
        }));
      };
      const all: PlaceClaims[] = [];
      const evidence = places.map((place, index): Evidence => {
        const claims = { own: candidatesOf(place), others: others[index] ?? [] };
        all.push(merged.merge(claims));
        return { place, claims };
      });
      return {
        candidates: all.map(({ own }) => own),
        others: all.map((claims) => claims.others),
        evidence,
        further: further?.map((after) =>
          after.map((place) => ({ candidates: candidatesOf(place), evidence: { place } })),
        ),
        isLast: false,
      };
    },
  };
}

/** The draft token of the edge that was verified in a token's place, where there was one. */
function verifiedTokens(
  { tokenId, origin, index, ...known }: Delivered,
  numJudged: number,
): VerifiedToken[] {
  const evidence = [...known.evidence, ...known.ahead];
  const entropy = entropyOf(known);
  const stated = entropy === undefined ? {} : { entropy };
  if (origin === "accepted") return [{ tokenId, ...stated }];
  if (origin !== "recovered" || index >= numJudged) return [];
  // A rejected draft token is not named by the target: it verified the likeliest one.
  const candidates = evidence.flatMap((known): readonly Guess[] => known?.place.candidates ?? []);
  const rejected = candidates.find((one) => one.tokenId !== tokenId);
  return rejected === undefined ? [] : [{ tokenId: rejected.tokenId, ...stated }];
}

/** That the draft model stated, the last time that it was asked. */
export function entropyOf({
  evidence,
  ahead,
}: Pick<Delivered, "evidence" | "ahead">): number | undefined {
  for (const known of [...evidence, ...ahead])
    if (known && "entropy" in known.place) return known.place.entropy;
  return undefined;
}
