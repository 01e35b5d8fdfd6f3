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

/**
 * Divides a text at the matches of a pattern; empty pieces are left out.
 * @param invert - whether what lies between the matches counts as the matches
 */
export function splitText(
  text: string,
  pattern: RegExp,
  behavior: SplitBehavior,
  invert = false,
): Piece[] {
  return arrange(segmentsOf(text, pattern, invert), behavior)
    .filter(({ start, end }) => start < end)
    .map(({ start, end }) => ({ text: text.slice(start, end), start }));
}

/** The matches and what lies between them, in order. */
function segmentsOf(text: string, pattern: RegExp, invert: boolean): Segment[] {
  const segments: Segment[] = [];
  let previous = 0;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (previous < match.index)
      segments.push({ start: previous, end: match.index, isMatch: invert });
    segments.push({ start: match.index, end, isMatch: !invert });
    previous = end;
  }
  if (previous < text.length) segments.push({ start: previous, end: text.length, isMatch: invert });
  return segments;
}

function arrange(segments: readonly Segment[], behavior: SplitBehavior): readonly Segment[] {
  switch (behavior) {
    case "Removed":
      return segments.filter(({ isMatch }) => !isMatch);
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

/** Joins neighbors; `joins` sees the segments as they were before. */
function join(
  segments: readonly Segment[],
  joins: (segment: Segment, next: Segment) => boolean,
): Segment[] {
  const joined: Segment[] = [];
  for (const [i, segment] of segments.entries()) {
    const [before, last] = [segments[i - 1], joined.at(-1)];
    if (before !== undefined && last !== undefined && joins(before, segment))
      last.end = segment.end;
    else joined.push({ ...segment });
  }
  return joined;
}
