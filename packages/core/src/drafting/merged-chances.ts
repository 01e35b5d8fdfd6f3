import type { PolicyMemory } from "../stopping/policy-context.ts";
import type { Candidate } from "../stream/edge-events.ts";
import { createLogisticModel, type WeightPrior } from "./logistic-model.ts";

/** What a source proposes at a place, and what others have proposed there before. */
export interface PlaceClaims {
  readonly own: readonly Candidate[];
  readonly others: readonly Candidate[];
}

/** How likely the tokens are that several sources propose for one place. */
export interface MergedChances {
  /** The same tokens, each once: what others alone propose stays theirs. They sum to at most 1. */
  merge(claims: PlaceClaims): PlaceClaims;
  /** The target put `tokenId` at the place. */
  observe(claims: PlaceClaims, tokenId: number): void;
}

/** Which of the two propose a token. */
type Side = "both" | "own" | "others";

/**
 * Weights of both sides' log-odds, or of what a side leaves for tokens that it does not propose, and of 1.
 * In the beginning two opinions are multiplied as if each had reasons of its own.
 */
const priors: Readonly<Record<Side, readonly WeightPrior[]>> = {
  both: [weight(1), weight(0.3), weight(0.6, 0.5)],
  own: [weight(1), weight(1), weight(0, 0.5)],
  others: [weight(1), weight(1), weight(0, 0.5)],
};
const sessionDoubt = 3;
/** Nothing is certain, or impossible. */
const leastChance = 0.002;

/**
 * Learns what agreement and disagreement of sources say: a token that a table proposes and the draft model
 * does not is less likely than the table's record says, and one that both propose is likelier.
 * @param key of what texts of this kind learn together in `memory`
 */
export function createMergedChances(key: string, memory: PolicyMemory | undefined): MergedChances {
  const create = () => ({
    both: createLogisticModel(priors.both),
    own: createLogisticModel(priors.own),
    others: createLogisticModel(priors.others),
  });
  const shared = memory?.recall(`merged chances ${key}`, create) ?? create();
  const own = {
    both: shared.both.fork(sessionDoubt),
    own: shared.own.fork(sessionDoubt),
    others: shared.others.fork(sessionDoubt),
  };
  return {
    merge(claims) {
      if (claims.others.length === 0) return claims;
      const merged = opinionsOn(claims).map(({ tokenId, side, features }) => {
        return { tokenId, side, chance: within(own[side].predict(features)) };
      });
      const excess = Math.max(
        1,
        merged.reduce((total, { chance }) => total + chance, 0),
      );
      const of = (isOthers: boolean) =>
        merged
          .filter(({ side }) => (side === "others") === isOthers)
          .map(({ tokenId, chance }) => ({ tokenId, chance: chance / excess }));
      return { own: of(false), others: of(true) };
    },
    observe(claims, tokenId) {
      if (claims.others.length === 0) return;
      for (const { tokenId: proposed, side, features } of opinionsOn(claims))
        for (const models of [own, shared]) models[side].learn(features, proposed === tokenId);
    },
  };
}

/** Each token that is proposed once, and what both sides say about it. */
function opinionsOn({ own, others }: PlaceClaims) {
  const chanceIn = (claims: readonly Candidate[], tokenId: number) =>
    claims.find((claim) => claim.tokenId === tokenId)?.chance;
  const tokenIds = new Set([...own, ...others].map(({ tokenId }) => tokenId));
  return Array.from(tokenIds, (tokenId) => {
    const [mine, theirs] = [chanceIn(own, tokenId), chanceIn(others, tokenId)];
    const side: Side = mine === undefined ? "others" : theirs === undefined ? "own" : "both";
    const features = [
      mine === undefined ? logLeft(own) : logOdds(mine),
      theirs === undefined ? logLeft(others) : logOdds(theirs),
      1,
    ];
    return { tokenId, side, features };
  });
}

function logOdds(chance: number): number {
  const share = within(chance);
  return Math.log(share / (1 - share));
}

function logLeft(claims: readonly Candidate[]): number {
  return Math.log(within(claims.reduce((left, { chance }) => left - chance, 1)));
}

function within(chance: number): number {
  return Math.min(Math.max(chance, leastChance), 1 - leastChance);
}

function weight(mean: number, variance = 0.1): WeightPrior {
  return { mean, variance };
}
