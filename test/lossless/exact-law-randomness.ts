import {
  candidateProbs,
  type NoiseKey,
  type Randomness,
  type TokenDistribution,
  tokenIdAt,
} from "@adaedl/core";
import type { Chooser } from "./exact-law-choice-tree.ts";

/**
 * How the noise of a key becomes a token: which places of the unit interval belong to which
 * candidate. Two services with the same order agree where their distributions overlap; with
 * `reversed` against `ascending` they agree as seldom as the same noise allows; with `own` noise
 * they have nothing to do with each other.
 */
export type NoiseReading = "ascending" | "reversed" | "own";

/** Below this, an interval is rounding: no choice. */
const rounding = 1e-15;

/**
 * Randomness whose every draw is a branch of the choice tree. Each key has one uniform number, as
 * in production, known only as far as earlier draws have asked about it: whoever draws again with
 * the same key meets the same number, and finds out more about it.
 */
export function createEnumeratedNoise(chooser: Chooser): (reading: NoiseReading) => Randomness {
  const known = new Map<string, readonly [number, number]>();

  /** Which of the intervals between `edges` (0 = first, 1 = last) the number of `name` is in. */
  function place(name: string, edges: readonly number[]): number {
    const [low, high] = known.get(name) ?? [0, 1];
    const parts = edges.slice(1).map((edge, index): readonly [number, number] => {
      return [Math.max(low, edges[index] as number), Math.min(high, edge)];
    });
    const sizes = parts.map(([from, to]) => (to - from > rounding ? to - from : 0));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const index = chooser.choose(sizes.map((size) => size / total));
    known.set(name, parts[index] as readonly [number, number]);
    return index;
  }

  return (reading) => {
    const nameOf = ({ purpose, position, roundStart }: NoiseKey) =>
      `${purpose} ${position} ${roundStart} ${reading === "own" ? "own" : ""}`;
    function chooseToken(distribution: TokenDistribution, key: NoiseKey): number {
      const probs = [...candidateProbs(distribution)];
      if (reading === "reversed") probs.reverse();
      const index = place(nameOf(key), edgesOf(probs));
      return tokenIdAt(distribution, reading === "reversed" ? probs.length - 1 - index : index);
    }
    return {
      chooseToken,
      // No argmax of scores: there is no margin.
      chooseGuess: (distribution, key) => ({ tokenId: chooseToken(distribution, key) }),
      // After the drawn one, all others: the text must not depend on what is offered besides.
      chooseCandidates(distribution, key, count) {
        const first = chooseToken(distribution, key);
        const tokenIds = Array.from(distribution.logits, (_, index) =>
          tokenIdAt(distribution, index),
        );
        const others = tokenIds.filter((tokenId) => tokenId !== first);
        return [first, ...others]
          .slice(0, count)
          .map((tokenId, rank) => ({ tokenId, behind: rank / 2 }));
      },
      accept(probability, key) {
        return place(nameOf(key), [0, probability, 1]) === 0;
      },
    };
  };
}

function edgesOf(probs: readonly number[]): number[] {
  const edges = [0];
  for (const prob of probs) edges.push((edges.at(-1) as number) + prob);
  edges[edges.length - 1] = 1;
  return edges;
}
