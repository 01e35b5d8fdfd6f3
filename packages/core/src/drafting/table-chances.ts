import { AdaedlError } from "../errors.ts";
import type { PolicyMemory } from "../stopping/policy-context.ts";
import type { PlaceEvidence, TablePlace } from "../stream/ports.ts";
import type { ChanceModel } from "./chances.ts";
import { createLogisticModel, type WeightPrior } from "./logistic-model.ts";

/** Of the stated chance's logit, and of 1: in the beginning the table's own word. */
const priors: readonly WeightPrior[] = [
  { mean: 1, variance: 0.1 },
  { mean: 0, variance: 0.5 },
];
/** A session's text may be of another kind than those before it. */
const sessionDoubt = 3;
/** No record makes a token certain, or impossible. */
const leastShare = 0.002;

/** The chances that a table states, as they are. */
export const statedChances: ChanceModel = {
  chancesOf: (place) => tablePlace(place).candidates.map(({ chance }) => chance),
  observe: () => {},
};

/**
 * Learns how far the chances that a table states hold (Platt scaling, online). As in
 * `createLearntChances`, each candidate takes a share of what those before it left.
 * @param key of what texts of this kind learn together in `memory`
 */
export function createTableChances(key: string, memory: PolicyMemory | undefined): ChanceModel {
  const create = () => createLogisticModel(priors);
  const shared = memory?.recall(`table chances ${key}`, create) ?? create();
  const own = shared.fork(sessionDoubt);
  return {
    chancesOf(place) {
      let left = 1;
      return features(place).map((ofCandidate) => {
        const share = Math.min(Math.max(own.predict(ofCandidate), leastShare), 1 - leastShare);
        const chance = left * share;
        left -= chance;
        return chance;
      });
    },
    observe(place, tokenId) {
      const rankOfToken = place.candidates.findIndex((one) => one.tokenId === tokenId);
      for (const [rank, ofCandidate] of features(place).entries()) {
        for (const model of [own, shared]) model.learn(ofCandidate, rank === rankOfToken);
        if (rank === rankOfToken) return;
      }
    },
  };
}

/** Of each candidate the logit of its share of what is left, and 1. [candidates][2] */
function features(place: PlaceEvidence): number[][] {
  let left = 1;
  return tablePlace(place).candidates.map(({ chance }) => {
    const share = Math.min(Math.max(chance / left, leastShare), 1 - leastShare);
    left = Math.max(left - chance, leastShare);
    return [Math.log(share / (1 - share)), 1];
  });
}

function tablePlace(place: PlaceEvidence): TablePlace {
  if (!("entropy" in place)) return place;
  throw new AdaedlError("internal", "expected a table's evidence, got a draft model's");
}
