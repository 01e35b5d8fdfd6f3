import { maxSuccessors, type TableCandidate } from "../../stream/ports.ts";
import { HitRates } from "../hit-rates.ts";
import { KeyedRows } from "../keyed-rows.ts";

/**
 * The target's likeliest tokens after each token, the way it named them last (Token Recycling, Luo et al., arXiv
 * 2408.08696): at most 110 bytes for each of `maxTokens` different tokens, first in first out, and no more than a
 * vocabulary of them.
 */
export class SuccessorTable {
  /** How many successors there are, and they. */
  readonly #rows: KeyedRows;

  constructor(maxTokens: number) {
    this.#rows = new KeyedRows(maxTokens, 1 + maxSuccessors);
  }

  /** What may follow a token, by the rank that the target gave it; nothing where it was not asked yet. */
  candidatesAfter(tokenId: number, rates: RankRates): TableCandidate[] {
    return this.#successorsOf(tokenId).map((successor, rank) => ({
      tokenId: successor,
      chance: rates.rateOf(rank),
    }));
  }

  /** After `tokenId` came `nextTokenId`, and these were likeliest there. */
  learn(
    tokenId: number,
    nextTokenId: number,
    successors: readonly number[],
    rates: RankRates,
  ): void {
    const known = this.#successorsOf(tokenId);
    if (known.length > 0) rates.observe(known.indexOf(nextTokenId));
    const kept = successors.slice(0, maxSuccessors);
    this.#rows.write(tokenId).set([kept.length, ...kept]);
  }

  #successorsOf(tokenId: number): number[] {
    const [count = 0, ...successors] = this.#rows.read(tokenId) ?? [];
    return successors.slice(0, count);
  }
}

/** How often the target's token has each rank among the successors that it named before. */
export class RankRates {
  readonly #rates = new HitRates(maxSuccessors);

  /** All of them sum to less than 1. */
  rateOf(rank: number): number {
    return this.#rates.rateOf(rank, priorOf(rank));
  }

  /** @param rankOfToken -1: none of them was the target's token */
  observe(rankOfToken: number): void {
    for (let rank = 0; rank < maxSuccessors; rank++)
      this.#rates.observe(rank, priorOf(rank), rank === rankOfToken);
  }
}

/** They sum to 0.7. */
function priorOf(rank: number): number {
  return 0.36 / (rank + 1) ** 1.5;
}
