import type { VocabularyModel } from "./model.ts";

/** Options of a BPE model, as tokenizer.json names them. */
export interface BpeOptions {
  readonly unk_token?: string | null | undefined;
  readonly end_of_word_suffix?: string | null | undefined;
  readonly fuse_unk?: boolean | null | undefined;
  readonly byte_fallback?: boolean | null | undefined;
  readonly ignore_merges?: boolean | null | undefined;
}

/** Steps between two places where a caller may do something else: a few milliseconds. */
const stepsPerPart = 2_048;
const maxCachedLength = 256;
const maxCachedPieces = 10_000;
/** A heap entry is the rank of a merge times this, plus the position of its left symbol. */
const positions = 2 ** 30;
const isGone = -2;
const isUnknown = -1;

/** A pair of tokens, as tokenizer.json writes it: "left right" or [left, right]. */
export type Merge = string | readonly [left: string, right: string];

/**
 * Byte-pair encoding: the pair of neighbors with the lowest rank is merged, the leftmost of several, until
 * no pair is in the merges. Symbols are indices into the vocabulary. A long piece is encoded in parts, most
 * of them empty, so that none keeps a thread for long.
 * @param merges the lowest rank first
 * @throws Error for a merge of what is not in the vocabulary
 */
export function createBpe(
  vocab: Readonly<Record<string, number>>,
  merges: readonly Merge[],
  options: BpeOptions,
): VocabularyModel {
  const { ids, symbols, tokens } = indexVocabulary(vocab);
  const symbolOf = (token: string) => symbols.get(token) ?? isUnknown;
  const { rankOf, merged } = createMergeTable(symbolOf, symbols.size, merges);
  const {
    end_of_word_suffix: suffix,
    byte_fallback: hasFallback,
    unk_token: unknownToken,
  } = options;
  /** What nothing stands for is left out before its neighbors merge. */
  const dropsUnknown = !hasFallback && unknownToken == null && !suffix;
  const spellUnknown = createUnknownSpelling(vocab, options);
  const cache = new Map<string, readonly (number | undefined)[]>();

  function* encodeLong(piece: string): Generator<(number | undefined)[]> {
    let numSteps = 0;
    const isDue = () => ++numSteps % stepsPerPart === 0;
    const word: number[] = [];
    const unknown = new Map<number, string>();
    const add = (text: string) => {
      const symbol = symbolOf(text);
      if (symbol === isUnknown && dropsUnknown) return;
      if (symbol === isUnknown) unknown.set(word.length, text);
      word.push(symbol);
    };
    let last = "";
    for (const character of piece) {
      if (last !== "") add(last);
      last = character;
      if (isDue()) yield [];
    }
    if (last !== "") add(last + (suffix ?? ""));

    // Neighbors of each symbol; merging unlinks the right one.
    const next = new Int32Array(word.length);
    const previous = new Int32Array(word.length);
    const heap = new MinHeap();
    const consider = (left: number, right: number) => {
      const rank = rankOf(word[left] ?? isGone, word[right] ?? isGone);
      if (rank !== undefined) heap.push(rank * positions + left);
    };
    for (let at = 0; at < word.length; at++) {
      next[at] = at + 1;
      previous[at] = at - 1;
      consider(at, at + 1);
      if (isDue()) yield [];
    }
    for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
      if (isDue()) yield [];
      const left = entry % positions;
      const rank = (entry - left) / positions;
      const right = next[left] as number;
      if (rankOf(word[left] as number, word[right] ?? isGone) !== rank) continue; // merged meanwhile
      word[left] = merged[rank] as number;
      word[right] = isGone;
      const after = next[right] as number;
      next[left] = after;
      if (after < word.length) previous[after] = left;
      consider(previous[left] as number, left);
      consider(left, after);
    }

    let found: (number | undefined)[] = [];
    for (let at = 0; at < word.length; at = next[at] as number) {
      const symbol = word[at] as number;
      if (symbol >= 0) found.push(ids[symbol]);
      else spellUnknown(unknown.get(at) ?? "", found);
      if (options.fuse_unk || !isDue()) continue; // unknown neighbors are one
      yield found;
      found = [];
    }
    yield found;
  }

  return {
    *encode(piece) {
      const whole = options.ignore_merges ? symbols.get(piece) : undefined;
      const known = whole === undefined ? cache.get(piece) : [ids[whole]];
      if (known !== undefined) return yield known;
      if (piece.length >= maxCachedLength) return yield* encodeLong(piece);
      const parts = [...encodeLong(piece)].flat();
      if (cache.size >= maxCachedPieces) cache.clear();
      cache.set(piece, parts);
      yield parts;
    },
    idOf: (token) => ids[symbolOf(token)],
    tokenOf: (id) => tokens[id],
  };
}

/** Ids by symbol, symbols by token, and tokens by id: of several with one id the last. */
function indexVocabulary(vocab: Readonly<Record<string, number>>) {
  const ids = Object.values(vocab);
  const symbols = new Map<string, number>();
  const tokens: string[] = [];
  for (const token of Object.keys(vocab)) {
    tokens[ids[symbols.size] as number] = token;
    symbols.set(token, symbols.size);
  }
  return { ids, symbols, tokens };
}

/**
 * By pairs of symbols: the rank of their merge, and by rank what it makes. Merges that make no token, as a
 * vocabulary that was cut leaves them behind, are left out: the reference refuses the file, and using them
 * would turn text that can be expressed into unknown tokens.
 */
function createMergeTable(
  symbolOf: (token: string) => number,
  numSymbols: number,
  merges: readonly Merge[],
) {
  const keyOf = (left: number, right: number) => left * numSymbols + right;
  const ranks = new Map<number, number>();
  const merged: number[] = [];
  merges.forEach((merge, i) => {
    const [left, right] = typeof merge === "string" ? splitAtSpace(merge) : merge;
    const [leftSymbol, rightSymbol] = [symbolOf(left), symbolOf(right)];
    if (leftSymbol === isUnknown || rightSymbol === isUnknown)
      throw new Error(
        `model.merges.${i} must join tokens of the vocabulary, got ${JSON.stringify(merge)}`,
      );
    const made = symbolOf(left + right);
    if (made === isUnknown) return;
    ranks.set(keyOf(leftSymbol, rightSymbol), merged.length);
    merged.push(made);
  });
  return {
    rankOf: (left: number, right: number) =>
      left < 0 || right < 0 ? undefined : ranks.get(keyOf(left, right)),
    merged,
  };
}

function splitAtSpace(merge: string): [left: string, right: string] {
  const at = merge.indexOf(" ");
  return [merge.slice(0, at), merge.slice(at + 1)];
}

/** Appends what stands for a text that is no token: its bytes, the unknown token or nothing. */
function createUnknownSpelling(
  vocab: Readonly<Record<string, number>>,
  { byte_fallback, unk_token, fuse_unk }: BpeOptions,
): (text: string, ids: (number | undefined)[]) => void {
  const utf8 = new TextEncoder();
  if (byte_fallback)
    return (text, ids) => {
      for (const byte of utf8.encode(text)) ids.push(vocab[byteToken(byte)]);
    };
  if (unk_token == null) return () => {};
  const unknownId = Object.hasOwn(vocab, unk_token) ? vocab[unk_token] : undefined;
  return (_, ids) => {
    if (!fuse_unk || ids.length === 0 || ids.at(-1) !== unknownId) ids.push(unknownId);
  };
}

/** The token of a byte where a vocabulary has one for each. */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** The smallest number first. */
class MinHeap {
  readonly #entries: number[] = [];

  push(entry: number): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = entries[parent] as number;
      if (above <= entry) break;
      entries[at] = above;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): number | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < entries.length && (entries[child + 1] as number) < (entries[child] as number))
        child++;
      if (child >= entries.length || (entries[child] as number) >= last) break;
      entries[at] = entries[child] as number;
      at = child;
    }
    entries[at] = last;
    return first;
  }
}
