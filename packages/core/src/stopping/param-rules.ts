import { longestDraftLength } from "./policy.ts";
import type { ParamRule } from "./policy-definition.ts";

/** A length of drafts; without a default it has to be given. */
export function draftLength(defaultLength?: number): ParamRule {
  return countUpTo(longestDraftLength, defaultLength);
}

export function countUpTo(most: number, defaultCount?: number): ParamRule {
  return {
    default: defaultCount,
    rule: `must be a whole number from 1 to ${most}`,
    isValid: (value) => Number.isInteger(value) && value >= 1 && value <= most,
  };
}

/** The gamma of AdaEDL's bound: share of the entropy that counts as distance between draft and target. */
export function gammaOf(defaultGamma: number): ParamRule {
  return {
    default: defaultGamma,
    rule: "must be above 0 and at most 100",
    isValid: (value) => value > 0 && value <= 100,
  };
}

/** What the rule allows, or the word `auto`. */
export function orAuto(rule: ParamRule): ParamRule {
  return { ...rule, rule: `${rule.rule}, or auto`, words: ["auto"] };
}

/** A probability, a rate or a weight. */
export function fraction(defaultFraction: number): ParamRule {
  return numberWithin(0, 1, defaultFraction);
}

export function numberWithin(low: number, high: number, defaultNumber: number): ParamRule {
  return {
    default: defaultNumber,
    rule: `must be from ${low} to ${high}`,
    isValid: (value) => value >= low && value <= high,
  };
}

/** One of some words, the first of which is the default. */
export function oneOf(...words: readonly [string, ...string[]]): ParamRule {
  return { default: words[0], rule: `must be ${words.join(" or ")}`, isValid: () => false, words };
}
