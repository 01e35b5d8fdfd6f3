import {
  type AcceptanceEstimate,
  createExperience,
  type Experience,
  featuresOf,
  type PolicyMemory,
  recentWeight,
  usualAcceptance,
} from "@adaedl/core";
import { fitLogistic, logisticOf } from "./fit-logistic.ts";
import type { Tape } from "./tape/tape.ts";

/**
 * What the acceptance estimate of `adaedl-rate` could know at best: the same features, fitted offline on
 * the very texts that are decoded. Played through the same rule it is the benchmark for learning online.
 */
export function fitAcceptance(tapes: readonly Tape[]): AcceptanceEstimate {
  const guesses: Case[] = [];
  const nexts: Case[] = [];
  for (const { guesses: taped, tokenIds } of tapes) {
    let recent = usualAcceptance;
    let before: Float64Array | undefined;
    taped.forEach((guess, index) => {
      const features = featuresOf({ ...guess, index: 0 }, recent);
      const isAccepted = guess.tokenId === tokenIds[index];
      guesses.push({ features, isAccepted });
      if (before !== undefined) nexts.push({ features: before, isAccepted });
      before = isAccepted ? features : undefined;
      recent += recentWeight * ((isAccepted ? 1 : 0) - recent);
    });
  }
  const [guess, next] = [guesses, nexts].map(fit);
  const estimate: AcceptanceEstimate = {
    ofGuess: guess as Predict,
    ofNext: next as Predict,
    learn: () => {},
    fork: () => estimate,
  };
  return estimate;
}

/** A memory in which the acceptance is known already; costs and rate are still learnt. */
export function memoryOf(acceptance: AcceptanceEstimate): PolicyMemory {
  const experience: Experience = { ...createExperience(), acceptance };
  return { recall: <T>() => experience as T };
}

interface Case {
  readonly features: Float64Array;
  readonly isAccepted: boolean;
}

type Predict = (features: ArrayLike<number>) => number;

function fit(cases: readonly Case[]): Predict {
  const weights = fitLogistic(
    cases.map(({ features }) => features),
    cases.map(({ isAccepted }) => isAccepted),
  );
  return (features) => logisticOf(weights, features);
}
