import { draftLength, numberWithin } from "../param-rules.ts";
import type { DraftedGuess, StoppingPolicy } from "../policy.ts";
import type { PolicyContext } from "../policy-context.ts";
import type { PolicyDefinition } from "../policy-definition.ts";
import { featuresOf, recentWeight, usualAcceptance } from "./acceptance-estimate.ts";
import { createExperience, draftRoundMs, type Experience } from "./experience.ts";
import { createModeChoice } from "./mode-choice.ts";

export type AdaedlRateParams = {
  /** Milliseconds that one target forward is worth beside the time it takes; 0 is pure latency. */
  readonly "forward-price-ms": number;
  /** The longest draft. */
  readonly max: number;
};

export const adaedlRate: PolicyDefinition<AdaedlRateParams> = {
  name: "adaedl-rate",
  form: "adaedl-rate[:forward-price-ms=0,max=16]",
  params: {
    "forward-price-ms": numberWithin(0, 60_000, 0),
    max: draftLength(16),
  },
  create: createAdaedlRatePolicy,
};

/** Guesses of the first drafts, while it is not known what a guess costs. */
const firstDraftLength = 3;

/**
 * Drafts as long as it pays. With P the chance that the whole draft so far is accepted and betaNext
 * that of the next guess, drafting on is worth it while it earns tokens faster than rounds do at large:
 *
 *     stop when P * betaNext < R * b
 *
 * with R the tokens per millisecond being achieved and b the milliseconds of one more guess (exact for
 * independent guesses: the rule for the best rate of a renewal process; ours, after AdaEDL and the
 * threshold of SpecDec++, arXiv 2405.19715). Everything in it is learnt: acceptance per session from a
 * prior that sessions share, costs and rate from all of them. Where plain streaming achieves more than
 * drafting, the session streams plainly, and now and then looks whether that is still so.
 */
export function createAdaedlRatePolicy(
  params: AdaedlRateParams,
  spec: string,
  { memory, verification = "shared-noise", temperature = 1 }: PolicyContext = {},
): StoppingPolicy {
  const { max } = params;
  const priceMs = params["forward-price-ms"];
  const key = `${spec} ${verification} ${temperature.toFixed(1)}`;
  const shared: Experience = memory?.recall(key, createExperience) ?? createExperience();
  const { costs, drafts } = shared;
  const own = shared.acceptance.fork();
  const mode = createModeChoice(shared, priceMs);

  /** The first round also waits for the prompt: its time says little about others. */
  let isOpening = true;
  let recentAcceptance = usualAcceptance;
  let chance = 1;
  /** Of the guesses of this draft. */
  const features: Float64Array[] = [];

  /** Whether there is something to learn from the time of the round that has just ended. */
  function tellsTime(): boolean {
    const isTelling = !isOpening;
    isOpening = false;
    return isTelling;
  }

  function consider(guess: DraftedGuess): Float64Array {
    if (guess.index === 0) {
      chance = 1;
      features.length = 0;
    }
    const known = features[guess.index];
    if (known !== undefined) return known;
    const found = featuresOf(guess, recentAcceptance);
    features.push(found);
    chance *= own.ofGuess(found);
    return found;
  }

  return {
    spec,
    maxDraftLength: max,
    // Under the rejection rule only what is known before the guess is drawn is looked at.
    looksAtGuess: verification !== "rejection",
    numPlainTokens: () => mode.numPlainTokens(isOpening),
    stopsAfter(guess) {
      const found = consider(guess);
      if (guess.index + 1 >= max) return true;
      if (!costs.isDraftKnown) return guess.index + 1 >= firstDraftLength;
      const rate = drafts.numTokens / draftRoundMs(shared, priceMs);
      return chance * own.ofNext(found) < rate * costs.tokenMs;
    },
    observe(outcome) {
      const { numAccepted, numDrafted } = outcome;
      const judged = features.slice(0, numAccepted + 1);
      for (const estimate of [own, shared.acceptance]) estimate.learn(judged, numAccepted);
      judged.forEach((_, index) => {
        const hit = index < numAccepted ? 1 : 0;
        recentAcceptance += recentWeight * (hit - recentAcceptance);
      });
      if (tellsTime()) {
        mode.drafted(outcome.roundMs);
        costs.observe(outcome);
      }
      drafts.observe(numAccepted + 1, numDrafted);
    },
    observePlain(outcome) {
      if (!tellsTime()) return;
      mode.streamed(outcome);
      costs.observePlain(outcome);
    },
  };
}
