import { longestDraftLength } from "./policy.ts";
import type { ParamRule } from "./policy-definition.ts";

/** A length of drafts; without a default it has to be given. */
export function draftLength(defaultLength?: number): ParamRule {
  return {
    default: defaultLength,
    rule: `must be a whole number from 1 to ${longestDraftLength}`,
    isValid: (value) => Number.isInteger(value) && value >= 1 && value <= longestDraftLength,
  };
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
