import { SplitPreTokenizer } from "./library.ts";

/** How the matches of a pattern divide a text; a name and meaning of tokenizer.json. */
export const splitBehaviors = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
] as const;
export type SplitBehavior = (typeof splitBehaviors)[number];

/** A part of a text. */
export interface Piece {
  readonly text: string;
  /** Where it begins in the text that was divided. */
  readonly start: number;
}

/**
 * The JavaScript expression (flags "gu") of a pattern in Oniguruma's syntax.
 * @throws SyntaxError for an expression that has no counterpart
 */
export function compilePattern(pattern: { String: string } | { Regex: string }): RegExp {
  // The library's translation is not exported by itself.
  return new SplitPreTokenizer({ pattern, invert: true }).pattern;
}

interface Segment {
  start: number;
  end: number;
  isMatch: boolean;
}

/** Characters of a text that a tokenizer's replacements may grow to; longer than any context. */
const maxReplacedLength = 16 << 20;

/**
 * `text.replaceAll`, without a meaning of "$" in the content.
 * @throws Error for a text that grows too long
 */
export function replaceAll(
  text: string,
  pattern: RegExp,
  content: string,
  maxLength = maxReplacedLength,
): string {
  let length = text.length;
  return text.replaceAll(pattern, (match) => {
    length += content.length - match.length;
    if (length > maxLength) throw new Error(`writes more than ${maxLength} characters`);
    return content;
  });
}

/**
 * Divides a text at the matches of a pattern, as far as its pieces are read; empty ones are left out.
 * @param invert - whether what lies between the matches counts as the matches
 */
export function* splitText(
  text: string,
  pattern: RegExp,
  behavior: SplitBehavior,
  invert = false,
): Generator<Piece> {
  for (const { start, end } of arrange(segmentsOf(text, pattern, invert), behavior))
    if (start < end) yield { text: text.slice(start, end), start };
}

/** The matches and what lies between them, in order. */
function* segmentsOf(text: string, pattern: RegExp, invert: boolean): Generator<Segment> {
  let previous = 0;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (previous < match.index) yield { start: previous, end: match.index, isMatch: invert };
    yield { start: match.index, end, isMatch: !invert };
    previous = end;
  }
  if (previous < text.length) yield { start: previous, end: text.length, isMatch: invert };
}

function arrange(segments: Iterable<Segment>, behavior: SplitBehavior): Iterable<Segment> {
  switch (behavior) {
    case "Removed":
      return withoutMatches(segments);
    case "Isolated":
      return segments;
    case "Contiguous":
      return join(segments, (segment, next) => segment.isMatch === next.isMatch);
    // Of several matches in a row only one joins its neighbor.
    case "MergedWithPrevious":
      return join(segments, (segment, next) => !segment.isMatch && next.isMatch);
    case "MergedWithNext":
      return join(segments, (segment, next) => segment.isMatch && !next.isMatch);
  }
}

function* withoutMatches(segments: Iterable<Segment>): Generator<Segment> {
  for (const segment of segments) if (!segment.isMatch) yield segment;
}

/** Joins neighbors; `joins` sees the segments as they were before. */
function* join(
  segments: Iterable<Segment>,
  joins: (segment: Segment, next: Segment) => boolean,
): Generator<Segment> {
  let before: Segment | undefined;
  let joined: Segment | undefined;
  for (const segment of segments) {
    if (before !== undefined && joined !== undefined && joins(before, segment))
      joined.end = segment.end;
    else {
      if (joined !== undefined) yield joined;
      joined = { ...segment };
    }
    before = segment;
  }
  if (joined !== undefined) yield joined;
}
