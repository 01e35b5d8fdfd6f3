import { type Candidate, Text } from "@adaedl/core";

/** Small, so that a wrong draft token is right by chance now and then. */
export const numTokenIds = 16;
export const endTokenId = 0;

/** 32 bits that depend on all arguments: what is random in the models, but the same each time. */
export function mix(...words: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const word of words) {
    state = Math.imul(state ^ word, 0x85ebca6b);
    state ^= state >>> 15;
    state = Math.imul(state, 0xc2b2ae35);
    state ^= state >>> 13;
  }
  return state >>> 0;
}

/** Of how many likely tokens an edge asks the target: every second one of none. */
export const numSuccessorsOf = (seed: number) => (seed % 2 === 0 ? 2 : 0);

/** The likeliest tokens of the target where it takes this one. */
export const successorsOf = (tokenId: number) => [tokenId, (tokenId + 1) % numTokenIds];

const unit = (bits: number) => bits / 2 ** 32;

/**
 * The target's token after a text: under shared noise a function of seed and true prefix, whatever is
 * drafted, judged together or asked for again.
 */
export function targetToken(seed: number, text: Text): number {
  const bits = mix(seed, text.length, Number(text.fence().hash & 0xffffffffn));
  return unit(bits) < 0.02 ? endTokenId : 1 + (mix(bits, 1) % (numTokenIds - 1));
}

/** The text that a prompt has to become. */
export function expectedText(seed: number, prompt: readonly number[], maxLength: number): number[] {
  const text = new Text(prompt);
  while (text.length < maxLength) {
    const tokenId = targetToken(seed, text);
    text.append(tokenId);
    if (tokenId === endTokenId) break;
  }
  return [...text.tokenIds];
}

/** How a forward ends: so many draft tokens are the target's own, and its next token. */
export function judge(seed: number, prefix: readonly number[], draft: readonly number[]) {
  const text = new Text(prefix);
  for (const [index, drafted] of draft.entries()) {
    const tokenId = targetToken(seed, text);
    if (tokenId !== drafted) return { numAccepted: index, nextTokenId: tokenId };
    text.append(tokenId);
  }
  return { numAccepted: draft.length, nextTokenId: targetToken(seed, text) };
}

/**
 * A draft model: its first candidate is the target's token with the chance `acceptance`, its second
 * with half of what is left, and so on.
 * @param source two of them are right at different places
 * @param text after which to draft
 */
export function candidatesAfter(
  seed: number,
  source: number,
  text: Text,
  { acceptance, numCandidates }: { acceptance: number; numCandidates: number },
): Candidate[] {
  const right = targetToken(seed, text);
  const luck = unit(mix(seed, text.length, right, 7 + source));
  const candidates: Candidate[] = [];
  let left = 1;
  let isRightTaken = false;
  for (let rank = 0; rank < numCandidates; rank++) {
    const chance = left * (rank === 0 ? acceptance : 0.5);
    const isRight: boolean = !isRightTaken && luck >= 1 - left && luck < 1 - left + chance;
    const other = (right + 1 + rank) % numTokenIds;
    candidates.push({ tokenId: isRight ? right : other, chance });
    isRightTaken ||= isRight;
    left -= chance;
  }
  return candidates;
}
