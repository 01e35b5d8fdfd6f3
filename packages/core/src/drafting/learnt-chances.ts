import type { PolicyMemory } from "../stopping/policy-context.ts";
import { modelPlace } from "../stream/ports.ts";
import type { ChanceModel } from "./chances.ts";
import { createLogisticModel, type LogisticModel } from "./logistic-model.ts";
import { firstPriors, otherPriors, placeFeatures } from "./place-features.ts";

/** Whether a candidate is the target's token, where none before it is: one model for the first, one for the others. */
interface RankModels {
  readonly first: LogisticModel;
  readonly others: LogisticModel;
}

/** A session's text may be of another kind than those before it. */
const sessionDoubt = 3;
/** No evidence makes a token certain, or impossible. */
const leastShare = 0.002;

/**
 * Learns from where the target's tokens stood among the candidates. AdaEDL's bound is a shape: how much
 * an entropy says depends on the pair, the text and the temperature, and under shared noise the lead of
 * a candidate over the next one says more.
 *
 * The candidates are gone through, the best first: each takes a learnt share of what those before it
 * left. So the chances of a place cannot sum to more than 1, and a candidate is learnt about where those
 * before it were wrong. Before anything is learnt, they are those of `createEntropyChances`.
 * @param key of what texts of this kind learn together in `memory`
 */
export function createLearntChances(
  gamma: number,
  key: string,
  memory: PolicyMemory | undefined,
): ChanceModel {
  const shared = memory?.recall(`chances ${key}`, createModels) ?? createModels();
  const own: RankModels = {
    first: shared.first.fork(sessionDoubt),
    others: shared.others.fork(sessionDoubt),
  };
  return {
    chancesOf(place) {
      let left = 1;
      return placeFeatures(modelPlace(place), gamma).map((features, rank) => {
        const share = modelOf(own, rank).predict(features);
        const chance = left * Math.min(Math.max(share, leastShare), 1 - leastShare);
        left -= chance;
        return chance;
      });
    },
    observe(place, tokenId) {
      const rankOfToken = place.candidates.findIndex((one) => one.tokenId === tokenId);
      for (const [rank, features] of placeFeatures(modelPlace(place), gamma).entries()) {
        for (const models of [own, shared])
          modelOf(models, rank).learn(features, rank === rankOfToken);
        if (rank === rankOfToken) return;
      }
    },
  };
}

function createModels(): RankModels {
  return { first: createLogisticModel(firstPriors), others: createLogisticModel(otherPriors) };
}

function modelOf({ first, others }: RankModels, rank: number): LogisticModel {
  return rank === 0 ? first : others;
}
