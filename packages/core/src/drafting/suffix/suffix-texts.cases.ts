import { createNoise } from "../../sampling/noise.ts";

/** Texts that are hard on indexes: many repetitions of many lengths, or none. */
export function fibonacciWord(length: number): number[] {
  let [word, before] = [[0], [1]];
  while (word.length < length) [word, before] = [[...word, ...before], word];
  return word.slice(0, length);
}

/** Never repeats a part three times in a row. */
export function thueMorseWord(length: number): number[] {
  const word = [0];
  while (word.length < length) word.push(...word.map((bit) => 1 - bit));
  return word.slice(0, length);
}

export function randomWord(length: number, numTokenIds: number): number[] {
  const noise = createNoise(1, { purpose: "token", position: 0, roundStart: 0 });
  return Array.from({ length }, (_, at) => Math.floor(noise.uniform(at) * numTokenIds));
}

/** How often each token follows `context` in `text`, the token that did so last at the end. */
export function naiveFollows(
  text: readonly number[],
  context: readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = 0; at + context.length < text.length; at++) {
    if (context.some((tokenId, offset) => text[at + offset] !== tokenId)) continue;
    const tokenId = text[at + context.length] as number;
    const count = counts.get(tokenId) ?? 0;
    counts.delete(tokenId);
    counts.set(tokenId, count + 1);
  }
  return counts;
}
