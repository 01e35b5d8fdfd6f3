import { IntRows } from "./int-rows.ts";

/** A context of a text: the tokens of the match stand somewhere in it. */
export interface SuffixMatch {
  /** Contexts that occur at the same places share a state. */
  readonly state: number;
  /** Tokens of the match, 1 or more and below the index's depth. */
  readonly length: number;
}

/** State 1 is the empty context; state 0 and follow 0 are none. */
const root = 1;
const empty: SuffixMatch = { state: root, length: 0 };

/** Fields of a state: its longest context, the state of the next shorter ones, and its follows. */
const [LENGTH, LINK, FIRST, BEST, TOTAL, stateWidth] = [0, 1, 2, 3, 4, 5];
/** Fields of a follow: `STATE` followed by `TOKEN` leads to `TARGET`; `NEXT` is the state's next follow. */
const [STATE, TOKEN, TARGET, COUNT, NEXT, followWidth] = [0, 1, 2, 3, 4, 5];

/** A state's follows are looked at up to this number. */
const maxFollows = 32;

/**
 * A suffix automaton of a text that grows token by token (Blumer et al., 1985), with how often each
 * context of fewer than `depth` tokens was followed by each token. Appending takes a constant time,
 * amortised, and less than `depth` steps for the counts. A text of n tokens has at most 2 n states and
 * 3 n follows.
 */
export class SuffixIndex {
  readonly depth: number;
  readonly #salt: number;
  readonly #states = new IntRows(stateWidth);
  readonly #follows = new IntRows(followWidth);
  /** Follows by state and token, open addressing; at most half full. */
  #table = new Int32Array(64);
  #length = 0;
  /** The whole text, and as much of its end as is counted. */
  #last: number;
  #end = empty;
  #numSteps = 0;

  /**
   * @param depth 2 or more
   * @param salt any number; who does not know it cannot write a text that makes the table slow
   */
  constructor(depth: number, salt: number) {
    this.depth = depth;
    this.#salt = salt;
    this.#last = this.#newState(0);
  }

  /** Tokens of the text. */
  get length(): number {
    return this.#length;
  }

  get numBytes(): number {
    return this.#states.numBytes + this.#follows.numBytes + this.#table.byteLength;
  }

  /** Places of the table that were looked at: what the time goes with. */
  get numSteps(): number {
    return this.#numSteps;
  }

  append(tokenId: number): void {
    const added = this.#newState(++this.#length);
    let at = this.#last;
    let follow = this.#find(at, tokenId);
    while (follow === 0 && at !== 0) {
      this.#addFollow(at, tokenId, added);
      at = this.#states.get(at, LINK);
      follow = this.#find(at, tokenId);
    }
    this.#states.set(added, LINK, at === 0 ? root : this.#sharedWith(at, follow));
    this.#last = added;
    this.#count(tokenId);
  }

  /** The longest end of `tokenIds` that stands in the text; undefined where there is none. */
  match(tokenIds: readonly number[]): SuffixMatch | undefined {
    let match = empty;
    for (const tokenId of tokenIds.slice(1 - this.depth)) {
      let follow = this.#find(match.state, tokenId);
      while (follow === 0 && match.length > 0) {
        match = this.shorter(match) ?? empty;
        follow = this.#find(match.state, tokenId);
      }
      if (follow !== 0) match = this.extend(match, follow);
    }
    return match.length > 0 ? match : undefined;
  }

  /** The longest shorter match that is followed otherwise. */
  shorter({ state }: SuffixMatch): SuffixMatch | undefined {
    const link = this.#states.get(state, LINK);
    return link > root ? { state: link, length: this.#states.get(link, LENGTH) } : undefined;
  }

  /** The match with the follow's token after it; the first token goes where it would be too long. */
  extend({ length }: SuffixMatch, follow: number): SuffixMatch {
    const state = this.#follows.get(follow, TARGET);
    if (length + 1 < this.depth) return { state, length: length + 1 };
    const link = this.#states.get(state, LINK);
    return { state: this.#states.get(link, LENGTH) === length ? link : state, length };
  }

  /** How often a token follows the match. */
  totalOf({ state }: SuffixMatch): number {
    return this.#states.get(state, TOTAL);
  }

  /** The most frequent follow first, the latest one of several; then the others, or some of very many. */
  *followsOf({ state }: SuffixMatch): Generator<number> {
    const best = this.#states.get(state, BEST);
    if (best !== 0) yield best;
    let follow = this.#states.get(state, FIRST);
    for (let number = 1; number < maxFollows && follow !== 0; number++) {
      if (follow !== best) yield follow;
      follow = this.#follows.get(follow, NEXT);
    }
  }

  tokenOf(follow: number): number {
    return this.#follows.get(follow, TOKEN);
  }

  countOf(follow: number): number {
    return this.#follows.get(follow, COUNT);
  }

  /** The state of what is in the text already of its new end; `follow` leads there from `at`. */
  #sharedWith(at: number, follow: number): number {
    const length = this.#states.get(at, LENGTH) + 1;
    const shared = this.#follows.get(follow, TARGET);
    if (this.#states.get(shared, LENGTH) === length) return shared;
    const split = this.#split(shared, length);
    const tokenId = this.tokenOf(follow);
    for (let state = at; state !== 0; state = this.#states.get(state, LINK)) {
      const leading = this.#find(state, tokenId);
      if (this.#follows.get(leading, TARGET) !== shared) break;
      this.#follows.set(leading, TARGET, split);
    }
    return split;
  }

  /** Gives the contexts of up to `length` tokens a state of their own: they stand at one more place. */
  #split(state: number, length: number): number {
    const split = this.#newState(length);
    for (const field of [LINK, TOTAL])
      this.#states.set(split, field, this.#states.get(state, field));
    this.#states.set(state, LINK, split);
    const follows: number[] = [];
    let next = this.#states.get(state, FIRST);
    for (; next !== 0; next = this.#follows.get(next, NEXT)) follows.push(next);
    for (const follow of follows.reverse()) {
      const copy = this.#addFollow(split, this.tokenOf(follow), this.#follows.get(follow, TARGET));
      this.#follows.set(copy, COUNT, this.countOf(follow));
      if (follow === this.#states.get(state, BEST)) this.#states.set(split, BEST, copy);
    }
    return split;
  }

  /**
   * Each context at the text's end was followed by `tokenId` once more. (The state of the end itself is split
   * only where it is one token repeated `depth - 1` times, and then `extend` leads to the new one.)
   */
  #count(tokenId: number): void {
    for (let at = this.#end.state; at > root; at = this.#states.get(at, LINK)) {
      const follow = this.#find(at, tokenId);
      const count = this.countOf(follow) + 1;
      this.#follows.set(follow, COUNT, count);
      this.#states.set(at, TOTAL, this.#states.get(at, TOTAL) + 1);
      if (count >= this.countOf(this.#states.get(at, BEST))) this.#states.set(at, BEST, follow);
    }
    this.#end = this.extend(this.#end, this.#find(this.#end.state, tokenId));
  }

  #newState(length: number): number {
    const state = this.#states.add();
    this.#states.set(state, LENGTH, length);
    return state;
  }

  #addFollow(state: number, tokenId: number, target: number): number {
    const follow = this.#follows.add();
    for (const [field, value] of [state, tokenId, target].entries())
      this.#follows.set(follow, field, value);
    this.#follows.set(follow, NEXT, this.#states.get(state, FIRST));
    this.#states.set(state, FIRST, follow);
    if (follow * 2 >= this.#table.length) this.#growTable();
    else this.#table[this.#slotOf(state, tokenId)] = follow;
    return follow;
  }

  #growTable(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let follow = 1; follow < this.#follows.size; follow++)
      this.#table[this.#slotOf(this.#follows.get(follow, STATE), this.tokenOf(follow))] = follow;
  }

  #find(state: number, tokenId: number): number {
    return this.#table[this.#slotOf(state, tokenId)] as number;
  }

  /** Where in the table the follow is, or would be. */
  #slotOf(state: number, tokenId: number): number {
    const mask = this.#table.length - 1;
    let hash = Math.imul(state ^ this.#salt, 0x9e3779b1) ^ Math.imul(tokenId, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d ^ this.#salt);
    for (let slot = (hash ^ (hash >>> 13)) & mask; ; slot = (slot + 1) & mask) {
      this.#numSteps++;
      const follow = this.#table[slot] as number;
      if (follow === 0) return slot;
      const isIt = this.#follows.get(follow, STATE) === state && this.tokenOf(follow) === tokenId;
      if (isIt) return slot;
    }
  }
}
