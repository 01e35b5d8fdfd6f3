import {
  type Drafter,
  type DraftToken,
  guessEvidence,
  type Judgement,
  type Randomness,
  type SamplingParams,
  type VerificationRule,
  type Verifier,
  verdictOf,
} from "@adaedl/core";
import type { ScriptedModel } from "./exact-law-models.ts";

/** One side of a session: a model, how it is sampled, the rule and its randomness. */
export interface Side {
  readonly model: ScriptedModel;
  readonly sampling: SamplingParams;
  readonly rule: VerificationRule;
  readonly random: Randomness;
}

/** Drafts as the rule says, until it is stopped. */
export function createRuleDrafter({ model, sampling, rule, random }: Side): Drafter {
  return {
    async *draft({ text: { tokenIds: sequence } }) {
      const text = [...sequence];
      for (;;) {
        const distribution = model.distributionAfter(text, sampling);
        const place = { position: text.length, roundStart: sequence.length };
        const { margin, ...guess } = rule.guess(distribution, place, random);
        const evidence = guessEvidence(distribution, guess.tokenId, margin);
        yield { ...guess, position: text.length, ...evidence };
        text.push(guess.tokenId);
      }
    },
  };
}

/** Judges every guess as the rule says, also those behind a refusal, as one forward does. */
export function createRuleVerifier({ model, sampling, rule, random }: Side): Verifier {
  return {
    async verify({ text: { tokenIds: sequence } }, draft) {
      const guesses: DraftToken[] = [];
      for await (const guess of draft) guesses.push(guess);
      const text = [...sequence];
      const judgements: Judgement[] = [];
      for (const guess of [...guesses, undefined]) {
        const target = model.distributionAfter(text, sampling);
        const place = { position: text.length, roundStart: sequence.length };
        judgements.push(rule.judge(target, guess, place, random));
        if (guess !== undefined) text.push(guess.tokenId);
      }
      return verdictOf(judgements);
    },
  };
}

/** A draft service that knows the target and the noise, and guesses, lies or ends as it pleases. */
export function createKnowingDrafter(
  guessOf: (targetTokenId: number) => { tokenId: number; entropy: number } | undefined,
): (draft: Side, target: Side) => Drafter {
  return (_, { model, sampling, rule, random }) => ({
    async *draft({ text: { tokenIds: sequence } }) {
      const text = [...sequence];
      for (;;) {
        const known = model.distributionAfter(text, sampling);
        const place = { position: text.length, roundStart: sequence.length };
        const guess = guessOf(rule.guess(known, place, random).tokenId);
        if (guess === undefined) return;
        const probability = Math.exp(-guess.entropy);
        yield { ...guess, position: text.length, topProb: probability, guessProb: probability };
        text.push(guess.tokenId);
      }
    },
  });
}
