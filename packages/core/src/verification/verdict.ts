import { invalidField } from "../errors.ts";
import { rejection } from "./rejection.ts";
import type { Judgement, VerificationRule, VerificationRuleName } from "./rule.ts";
import { sharedNoise } from "./shared-noise.ts";

/** The target's answer to one round. */
export interface Verdict {
  /** How many guesses, from the first, became part of the text. */
  readonly numAccepted: number;
  /** The token after them: recovered when a guess was refused there, otherwise the bonus. */
  readonly nextTokenId: number;
}

const rules: Readonly<Record<VerificationRuleName, VerificationRule>> = {
  "shared-noise": sharedNoise,
  rejection,
};

export const verificationRuleNames = Object.keys(rules) as readonly VerificationRuleName[];

/** @throws AdaedlError `invalid_argument` naming the rules there are */
export function verificationRule(name: string): VerificationRule {
  if (!Object.hasOwn(rules, name))
    throw invalidField("verification", name, `must be one of ${verificationRuleNames.join(", ")}`);
  return rules[name as VerificationRuleName];
}

/**
 * Reads the verdict off the target's judgements, one for each guess and one for the position after
 * them. Judgements behind the first refusal were made on a text that did not come about: ignored.
 */
export function verdictOf(judgements: readonly Judgement[]): Verdict {
  const last = judgements.length - 1;
  const refused = judgements.findIndex((judgement, index) => index < last && !judgement.isAccepted);
  const numAccepted = refused < 0 ? last : refused;
  const next = judgements[numAccepted];
  if (next === undefined) throw new RangeError("a verdict needs at least one judgement");
  return { numAccepted, nextTokenId: next.tokenId };
}
