import type { TableCandidate } from "../../stream/ports.ts";
import { KeyedRows } from "../keyed-rows.ts";

/** Different tokens that are counted after two others. */
const maxFollows = 8;
/** Fields of a row: how often anything followed, then tokens, then how often each of them did. */
const [TOTAL, TOKENS, COUNTS] = [0, 1, 1 + maxFollows];

/**
 * How often each token followed two others: at most 160 bytes for each of `maxPairs` different pairs, first in first
 * out.
 */
export class TrigramTable {
  readonly #rows: KeyedRows;

  constructor(maxPairs: number) {
    this.#rows = new KeyedRows(maxPairs, COUNTS + maxFollows);
  }

  /** `next` followed the two tokens once more. Of more than eight the rarest makes room. */
  learn(first: number, second: number, next: number): void {
    const row = this.#rows.write(keyOf(first, second));
    let rarest = 0;
    for (let index = 0; index < maxFollows; index++) {
      const count = row[COUNTS + index] as number;
      if (count < (row[COUNTS + rarest] as number)) rarest = index;
      if (count > 0 && row[TOKENS + index] !== next) continue;
      rarest = index;
      break;
    }
    const isNew = row[COUNTS + rarest] === 0 || row[TOKENS + rarest] !== next;
    row[TOKENS + rarest] = next;
    row[COUNTS + rarest] = isNew ? 1 : (row[COUNTS + rarest] as number) + 1;
    row[TOTAL] = (row[TOTAL] as number) + 1;
  }

  /** Learns a whole text. */
  learnAll(tokenIds: readonly number[]): void {
    for (let at = 2; at < tokenIds.length; at++)
      this.learn(tokenIds[at - 2] as number, tokenIds[at - 1] as number, tokenIds[at] as number);
  }

  /**
   * The share of each token that followed the two, less what is kept for tokens that never did: as much as
   * different ones have (Witten and Bell, 1991).
   */
  candidatesAfter(first: number, second: number): TableCandidate[] {
    const row = this.#rows.read(keyOf(first, second));
    if (row === undefined) return [];
    const counts = row.subarray(COUNTS).filter((count) => count > 0);
    const sum = (row[TOTAL] as number) + counts.length;
    return Array.from(counts, (count, index) => ({
      tokenId: row[TOKENS + index] as number,
      chance: count / sum,
    }));
  }
}

/** Exact for ids below 2^22; pairs of larger ones may share a row. */
function keyOf(first: number, second: number): number {
  return first * 2 ** 31 + second;
}
