/** A prefix of a text, named by its length in tokens and its hash: equal fences, equal prefixes. */
export interface Fence {
  readonly length: number;
  /** 64 bits. Not cryptographic: it finds mistakes, it does not stop an attacker. */
  readonly hash: bigint;
}

/**
 * The token ids of prompt and output, with a hash that rolls along: appending a token and naming any
 * prefix both take constant time, however long the text is.
 *
 * The hash is FNV-1a over 32-bit words in two lanes of different offset and prime, each finished by a
 * mix. Both ends of a connection must compute the same one (see the values in `text.test.ts`).
 */
export class Text {
  readonly #tokenIds: number[] = [];
  // Both lanes of the prefix of each length. [at least length + 1]
  #low = new Uint32Array(16);
  #high = new Uint32Array(16);

  constructor(tokenIds: Iterable<number> = []) {
    this.#low[0] = 0x811c9dc5;
    this.#high[0] = 0x9747b28c;
    for (const tokenId of tokenIds) this.append(tokenId);
  }

  get length(): number {
    return this.#tokenIds.length;
  }

  /** A view, not a copy: it grows with the text. */
  get tokenIds(): readonly number[] {
    return this.#tokenIds;
  }

  append(tokenId: number): void {
    const length = this.#tokenIds.push(tokenId);
    if (length >= this.#low.length) {
      this.#low = doubled(this.#low);
      this.#high = doubled(this.#high);
    }
    const low = Math.imul((this.#low[length - 1] as number) ^ tokenId, 0x01000193);
    const high = Math.imul((this.#high[length - 1] as number) ^ tokenId, 0x85ebca6b);
    this.#low[length] = low ^ (low >>> 15);
    this.#high[length] = high ^ (high >>> 13);
  }

  /** Forgets everything behind the first `length` tokens; does nothing when there is nothing. */
  truncate(length: number): void {
    if (length < this.length) this.#tokenIds.length = length;
  }

  /** Names the first `length` tokens. @throws RangeError beyond the text */
  fence(length = this.length): Fence {
    if (length > this.length)
      throw new RangeError(`the text has ${this.length} tokens, not ${length}`);
    const high = Math.imul((this.#high[length] as number) ^ length, 0xc2b2ae35) >>> 0;
    return { length, hash: (BigInt(high) << 32n) | BigInt(this.#low[length] as number) };
  }

  /** Whether the text begins with the prefix that `fence` names. */
  startsWith({ length, hash }: Fence): boolean {
    return length <= this.length && this.fence(length).hash === hash;
  }
}

function doubled(lane: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(lane.length * 2);
  larger.set(lane);
  return larger;
}
