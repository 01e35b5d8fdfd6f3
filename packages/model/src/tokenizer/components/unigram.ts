import { byteToken } from "./bpe.ts";
import type { VocabularyModel } from "./model.ts";
import { PrefixTrie } from "./prefix-trie.ts";

/** What a character without a token costs more than the most improbable token, as in the reference. */
const unknownPenalty = 10;
/** Steps between two places where a caller may do something else: a few milliseconds. */
const stepsPerPart = 2_048;

/**
 * Unigram: of all ways to write a piece as tokens the most probable (Viterbi), the one whose last token is
 * longest where several are. Neighbors without a token are one unknown token together, or
 * their bytes. A long piece is encoded in parts, most of them empty, so that none keeps a thread for long.
 * @param vocab tokens with their log-probabilities; the index is the id
 */
export function createUnigram(
  vocab: readonly (readonly [token: string, logprob: number])[],
  { unk_id: unknownId, byte_fallback: hasFallback }: UnigramOptions,
): Pick<VocabularyModel, "encode"> {
  const ids = new Map(vocab.map(([token], id) => [token, id]));
  const byteIds = Array.from({ length: 256 }, (_, byte) => ids.get(byteToken(byte)));
  const utf8 = new TextEncoder();
  const trie = new PrefixTrie<number>();
  let unknownScore = Infinity;
  for (const [token, logprob] of vocab) {
    trie.set(token, logprob);
    unknownScore = Math.min(unknownScore, logprob - unknownPenalty);
  }

  return {
    *encode(piece) {
      let numSteps = 0;
      const isDue = () => {
        if (++numSteps < stepsPerPart) return false;
        numSteps = 0;
        return true;
      };
      // Of the best way to each index: what it scores, and where its last token starts (plus 1, 0 is none).
      const scores = new Float64Array(piece.length + 1);
      const starts = new Int32Array(piece.length + 1);
      for (let start = 0; start < piece.length; ) {
        const reach = (end: number, score: number) => {
          const total = (scores[start] as number) + score;
          if (starts[end] !== 0 && total <= (scores[end] as number)) return;
          scores[end] = total;
          starts[end] = start + 1;
        };
        const next = start + ((piece.codePointAt(start) as number) > 0xffff ? 2 : 1);
        let hasCharacter = false;
        trie.findAt(piece, start, (end, score) => {
          hasCharacter ||= end === next;
          reach(end, score);
          numSteps++;
        });
        if (!hasCharacter) reach(next, unknownScore);
        start = next;
        if (isDue()) yield [];
      }
      const ends: number[] = [];
      for (let end = piece.length; end > 0; end = (starts[end] as number) - 1) {
        ends.push(end);
        if (isDue()) yield [];
      }

      let found: (number | undefined)[] = [];
      let wasUnknown = false;
      for (let start = 0; start < piece.length; ) {
        const end = ends.pop() as number;
        const token = piece.slice(start, end);
        const id = ids.get(token);
        const isUnknown = id === undefined || id === unknownId;
        if (id === undefined && hasFallback)
          for (const byte of utf8.encode(token)) found.push(byteIds[byte]);
        else if (!isUnknown || !wasUnknown) found.push(id ?? unknownId ?? undefined);
        wasUnknown = isUnknown;
        start = end;
        if (!isDue()) continue;
        yield found;
        found = [];
      }
      yield found;
    },
  };
}

/** As tokenizer.json names them. */
export interface UnigramOptions {
  readonly unk_id?: number | null | undefined;
  readonly byte_fallback?: boolean | null | undefined;
}
