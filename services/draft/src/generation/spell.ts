import type { CommittedToken, RoundReport } from "@adaedl/core";
import type { TargetFacts } from "@adaedl/engine";
import type { GeneratedToken, GenerationRound } from "@adaedl/protocol";

type Tokenizer = Pick<TargetFacts["tokenizer"], "bytesOf">;

/**
 * A token with what each of the most probable tokens in its place is alone.
 * @param wantsBytes whether also with what it is itself
 */
export function spellToken(
  { topLogprobs, ...token }: CommittedToken,
  tokenizer: Tokenizer,
  wantsBytes: boolean,
): GeneratedToken {
  const spelled = wantsBytes ? spell(token, tokenizer) : token;
  if (topLogprobs === undefined) return spelled;
  return { ...spelled, topLogprobs: topLogprobs.map((one) => spell(one, tokenizer)) };
}

/** A round with what each guess is alone. */
export function spellRound(round: RoundReport, tokenizer: Tokenizer): GenerationRound {
  return { ...round, guesses: round.guesses.map((guess) => spell(guess, tokenizer)) };
}

function spell<T extends { readonly tokenId: number }>(
  one: T,
  tokenizer: Tokenizer,
): T & { bytes: Uint8Array } {
  return { ...one, bytes: tokenizer.bytesOf(one.tokenId) };
}
