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

/** Of both sides' log-odds, and of 1: in the beginning the second opinion counts for less than the first. */
const priors: readonly WeightPrior[] = [
  { mean: 1, variance: 0.1 },
  { mean: 0.3, variance: 0.1 },
  { mean: 0.6, variance: 0.5 },
];
const sessionDoubt = 3;
/** Nothing is certain, or impossible. */
const leastChance = 0.002;

/**
 * A token that one side alone proposes is as likely as that side says, times what the other one leaves for
 * tokens that it does not propose: each side's word is calibrated by its own record, and a few disagreements
 * more teach nothing but noise. What agreement is worth is learnt.
 * @param key of what texts of this kind learn together in `memory`
 */
export function createMergedChances(key: string, memory: PolicyMemory | undefined): MergedChances {
  const create = () => createLogisticModel(priors);
  const shared = memory?.recall(`merged chances ${key}`, create) ?? create();
  const own = shared.fork(sessionDoubt);
  return {
    merge(claims) {
      if (claims.others.length === 0) return claims;
      const merged = opinionsOn(claims).map(({ tokenId, mine, theirs }) => {
        const chance =
          mine !== undefined && theirs !== undefined
            ? own.predict(agreement(mine, theirs))
            : chanceAt(logOdds(mine ?? theirs ?? 0) + logLeft(claims, mine === undefined));
        return { tokenId, isOthers: mine === undefined, chance: within(chance) };
      });
      const excess = Math.max(
        1,
        merged.reduce((total, { chance }) => total + chance, 0),
      );
      const of = (side: boolean) =>
        merged
          .filter(({ isOthers }) => isOthers === side)
          .map(({ tokenId, chance }) => ({ tokenId, chance: chance / excess }));
      return { own: of(false), others: of(true) };
    },
    observe(claims, tokenId) {
      for (const { tokenId: proposed, mine, theirs } of opinionsOn(claims)) {
        if (mine === undefined || theirs === undefined) continue;
        for (const model of [own, shared])
          model.learn(agreement(mine, theirs), proposed === tokenId);
      }
    },
  };
}

/** Each token that is proposed once, and how likely both sides say it is; undefined where one does not propose it. */
function opinionsOn({ own, others }: PlaceClaims) {
  const chanceIn = (claims: readonly Candidate[], tokenId: number) =>
    claims.find((claim) => claim.tokenId === tokenId)?.chance;
  const tokenIds = new Set([...own, ...others].map(({ tokenId }) => tokenId));
  return Array.from(tokenIds, (tokenId) => {
    return { tokenId, mine: chanceIn(own, tokenId), theirs: chanceIn(others, tokenId) };
  });
}

function agreement(mine: number, theirs: number): readonly number[] {
  return [logOdds(mine), logOdds(theirs), 1];
}

function logOdds(chance: number): number {
  const share = within(chance);
  return Math.log(share / (1 - share));
}

function chanceAt(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** Of the chance that a side, the own one or the others, leaves for tokens that it does not propose. */
function logLeft({ own, others }: PlaceClaims, isOwn: boolean): number {
  const claims = isOwn ? own : others;
  return Math.log(within(claims.reduce((left, { chance }) => left - chance, 1)));
}

function within(chance: number): number {
  return Math.min(Math.max(chance, leastChance), 1 - leastChance);
}
