import type { ModelTokenizer } from "./model-tokenizer.ts";
import { idsByBytes, tokenKey } from "./token-keys.ts";

/** In bytes; a longer run without a space is spelled in parts. */
const longestWord = 48;
/** Spellings remembered; beyond, all are forgotten. */
const mostRemembered = 10_000;

/**
 * Spells tokens of the target in those of the draft model, word by word, as the draft model's own tokenizer
 * would: so it reads what it was trained on. A word that goes on may change its spelling, the words before it
 * do not. A byte that the draft model has no token for is left out: what is drafted there gets worse, never
 * the text.
 * @param draftIdOf of special tokens
 */
export function createSpelling(
  target: ModelTokenizer,
  draft: ModelTokenizer,
  draftIdOf: (targetId: number) => number | undefined,
): (targetIds: readonly number[]) => number[] {
  const { specialTokenIds, bytesOf } = target;
  const keys = new Map<number, string>();
  const remembered = new Map<string, readonly number[]>();
  const spellWord = createWordSpelling(draft);

  function keyOf(targetId: number): string {
    let key = keys.get(targetId);
    if (key === undefined) {
      key = Buffer.from(bytesOf(targetId)).toString("latin1");
      if (targetId < target.vocabSize) keys.set(targetId, key); // which bounds it
    }
    return key;
  }

  function spellingOf(word: string): readonly number[] {
    let ids = remembered.get(word);
    if (ids === undefined) {
      ids = spellWord(word);
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(word, ids);
    }
    return ids;
  }

  return (targetIds) => {
    const ids: number[] = [];
    let word = "";
    const endWord = () => {
      if (word !== "") ids.push(...spellingOf(word));
      word = "";
    };
    for (const targetId of targetIds) {
      const draftId = specialTokenIds.has(targetId) ? draftIdOf(targetId) : undefined;
      const key = keyOf(targetId);
      const isNext = key.startsWith(" ") && !/\s$/.test(word);
      if (draftId !== undefined || isNext || word.length + key.length > longestWord) endWord();
      if (draftId === undefined) word += key;
      else ids.push(draftId);
    }
    endWord();
    return ids;
  };
}

/** The draft tokens of one word, whose letters are bytes. */
function createWordSpelling(draft: ModelTokenizer): (word: string) => readonly number[] {
  let ids: ReadonlyMap<string, number> | undefined;
  let longest = 0;
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /** Some tokenizers put a space in front themselves. */
  function asItsTokenizer(word: string): readonly number[] | undefined {
    try {
      const text = utf8.decode(Buffer.from(word, "latin1"));
      for (const given of text.startsWith(" ") ? [text, text.slice(1)] : [text]) {
        const tokenIds = draft.encode(given, { addSpecialTokens: false });
        if (tokenIds.map((id) => tokenKey(draft, id)).join("") === word) return tokenIds;
      }
    } catch {
      // a part of a character, or one that the vocabulary cannot express
    }
    return undefined;
  }

  /** The longest token at each place. */
  function inLongestTokens(word: string, known: ReadonlyMap<string, number>): number[] {
    const tokenIds: number[] = [];
    let start = 0;
    while (start < word.length) {
      let end = Math.min(word.length, start + longest);
      while (end > start && !known.has(word.slice(start, end))) end--;
      const id = known.get(word.slice(start, end));
      if (id !== undefined) tokenIds.push(id);
      start = Math.max(end, start + 1);
    }
    return tokenIds;
  }

  return (word) => {
    ids ??= idsByBytes(draft);
    if (longest === 0) for (const key of ids.keys()) longest = Math.max(longest, key.length);
    const id = ids.get(word);
    return id !== undefined ? [id] : (asItsTokenizer(word) ?? inLongestTokens(word, ids));
  };
}
