import type { TokenizerDocument } from "../tokenizer-files.ts";
import type { Normalize } from "./normalizer.ts";

type AddedToken = TokenizerDocument["added_tokens"][number];

/** A part of a text: an added token's id, or a text that the model encodes. */
export type Section =
  | { readonly id: number }
  | { readonly text: string; readonly isFirst: boolean };

/** Whether the token stands for its content as the normalizer leaves it. */
export function isNormalized(token: AddedToken): boolean {
  return token.normalized ?? !token.special;
}

/**
 * Finds the added tokens in a text, as far as its sections are read, and normalizes what lies between
 * them. Tokens that are not "normalized" are looked for in the text as it is, then the others in the
 * normalized rest.
 */
export function createSectionSplit(
  tokens: readonly AddedToken[],
  normalize: Normalize,
): (text: string) => Iterable<Section> {
  const findPlain = createFinder(
    tokens.filter((token) => !isNormalized(token)).map((token) => [token.content, token]),
  );
  const findNormalized = createFinder(
    tokens.filter(isNormalized).map((token) => [normalize(token.content), token]),
  );
  return function* (text) {
    for (const section of findPlain(text, true)) {
      if ("id" in section) yield section;
      else yield* findNormalized(normalize(section.text), section.isFirst);
    }
  };
}

/** Leftmost matches, of these the longest. */
function createFinder(
  tokens: readonly [content: string, AddedToken][],
): (text: string, isFirst: boolean) => Iterable<Section> {
  const byContent = new Map(tokens.filter(([content]) => content !== ""));
  const alternatives = [...byContent.keys()]
    .sort((a, b) => b.length - a.length)
    .map((content) => content.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  if (alternatives.length === 0) return (text, isFirst) => (text === "" ? [] : [{ text, isFirst }]);
  const pattern = new RegExp(alternatives.join("|"), "gu");

  return function* (text, isFirst) {
    let done = 0;
    const textUntil = (end: number): Section[] =>
      done < end ? [{ text: text.slice(done, end), isFirst: isFirst && done === 0 }] : [];
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0]) as AddedToken;
      let [start, end] = [match.index, match.index + match[0].length];
      if (token.single_word && touchesWord(text, start, end)) continue;
      if (token.lstrip) start = Math.max(done, start - spacesBefore(text, start));
      if (token.rstrip) end += spacesAfter(text, end);
      yield* textUntil(start);
      yield { id: token.id };
      done = end;
    }
    yield* textUntil(text.length);
  };
}

const WORD = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
const ENDS_WITH_WORD = new RegExp(`${WORD}$`, "u");
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, "u");

// Slices of two units hold a character, and keep the cost independent of the text's length.
function touchesWord(text: string, start: number, end: number): boolean {
  return (
    ENDS_WITH_WORD.test(text.slice(Math.max(0, start - 2), start)) ||
    STARTS_WITH_WORD.test(text.slice(end, end + 2))
  );
}

const SPACE = /\p{White_Space}/u;

function spacesBefore(text: string, end: number): number {
  let start = end;
  while (start > 0 && SPACE.test(text.charAt(start - 1))) start--;
  return end - start;
}

function spacesAfter(text: string, start: number): number {
  let end = start;
  while (end < text.length && SPACE.test(text.charAt(end))) end++;
  return end - start;
}
