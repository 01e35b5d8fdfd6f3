import type { CommitReport, CommittedToken, Frontier } from "@adaedl/core";
import type { TargetFacts } from "@adaedl/engine";
import type { GeneratedToken, GenerationCommit, GenerationFrontier } from "@adaedl/protocol";

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

/** The report of a commit with what each draft token is alone. */
export function spellCommit(report: CommitReport, tokenizer: Tokenizer): GenerationCommit {
  return { ...report, draftTokens: report.draftTokens.map((token) => spell(token, tokenizer)) };
}

/** A frontier with what each draft token is alone. */
export function spellFrontier(frontier: Frontier, tokenizer: Tokenizer): GenerationFrontier {
  const places = frontier.places.map((place) => place.map((token) => spell(token, tokenizer)));
  return { ...frontier, places };
}

function spell<T extends { readonly tokenId: number }>(
  one: T,
  tokenizer: Tokenizer,
): T & { bytes: Uint8Array } {
  return { ...one, bytes: tokenizer.bytesOf(one.tokenId) };
}
