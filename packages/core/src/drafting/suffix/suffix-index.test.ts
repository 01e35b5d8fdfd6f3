import fc from "fast-check";
import { expect, it } from "vitest";
import { SuffixIndex, type SuffixMatch } from "./suffix-index.ts";
import { fibonacciWord, naiveFollows, randomWord, thueMorseWord } from "./suffix-texts.cases.ts";

function indexOf(text: readonly number[], depth: number, salt = 7): SuffixIndex {
  const index = new SuffixIndex(depth, salt);
  for (const tokenId of text) index.append(tokenId);
  return index;
}

function occursIn(text: readonly number[], context: readonly number[]): boolean {
  return text.some(
    (_, at) =>
      at + context.length <= text.length &&
      context.every((tokenId, offset) => text[at + offset] === tokenId),
  );
}

function followsOf(index: SuffixIndex, match: SuffixMatch): Map<number, number> {
  return new Map(
    Array.from(index.followsOf(match), (follow) => [index.tokenOf(follow), index.countOf(follow)]),
  );
}

/** All matches of `query` against the text, compared with what is found by looking at every place. */
function checkMatches(index: SuffixIndex, text: readonly number[], query: readonly number[]): void {
  let match = index.match(query);
  for (let length = Math.min(query.length, index.depth - 1); length > 0; length--) {
    const context = query.slice(-length);
    if (!occursIn(text, context)) {
      expect(match?.length ?? 0).toBeLessThan(length);
      continue;
    }
    const shorter = match && index.shorter(match);
    if (shorter !== undefined && shorter.length >= length) match = shorter;
    const naive = naiveFollows(text, context);
    if (match === undefined) throw new Error(`no match of ${context}`);
    expect(match.length).toBeGreaterThanOrEqual(length);
    expect(followsOf(index, match)).toEqual(naive);
    const counts = [...naive.values()];
    expect(index.totalOf(match)).toBe(counts.reduce((sum, count) => sum + count, 0));
    const most = Math.max(0, ...counts);
    const latest = [...naive].findLast(([, count]) => count === most)?.[0];
    const [best] = index.followsOf(match);
    expect(best === undefined ? undefined : index.tokenOf(best)).toBe(latest);
  }
}

const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 });
const depths = fc.integer({ min: 2, max: 7 });

it("counts what follows each context, as a search of every place does", () => {
  fc.assert(
    fc.property(tokens, tokens, depths, fc.integer(), (text, query, depth, salt) => {
      const index = indexOf(text, depth, salt);
      checkMatches(index, text, text);
      checkMatches(index, text, query);
      checkMatches(index, text, [...text, ...query.slice(0, 3)]);
    }),
    { numRuns: 2000 },
  );
});

it("counts right after each token of a long text", () => {
  for (const text of [
    fibonacciWord(120),
    thueMorseWord(120),
    randomWord(120, 3),
    Array(60).fill(1),
  ]) {
    const index = new SuffixIndex(6, 0);
    for (const [at, tokenId] of text.entries()) {
      index.append(tokenId);
      checkMatches(index, text.slice(0, at + 1), text.slice(0, at + 1));
    }
  }
});

it("extends a match as a search for the longer context does", () => {
  fc.assert(
    fc.property(tokens, depths, (text, depth) => {
      const index = indexOf(text, depth);
      const match = index.match(text.slice(0, 1));
      for (const follow of match ? index.followsOf(match) : []) {
        let path = [text[0] as number];
        let [at, next]: [SuffixMatch, number | undefined] = [match as SuffixMatch, follow];
        for (let step = 0; step < 10 && next !== undefined; step++) {
          path = [...path, index.tokenOf(next)];
          at = index.extend(at, next);
          const found = index.match(path);
          // The path itself may have been cut: what is found is at least as long.
          expect(found?.length).toBeGreaterThanOrEqual(at.length);
          if (found?.length === at.length) expect(found.state).toBe(at.state);
          [next] = index.followsOf(at);
        }
      }
    }),
  );
});

it.each([
  ["one token repeated", Array<number>(32_768).fill(5)],
  ["a Fibonacci word", fibonacciWord(32_768)],
  ["a Thue-Morse word", thueMorseWord(32_768)],
  ["random tokens", randomWord(32_768, 30_000)],
  ["random tokens of two kinds", randomWord(32_768, 2)],
  ["one token before all others", randomWord(32_768, 30_000).map((id, at) => (at % 2 ? id : 0))],
])("takes a bounded number of steps and bytes a token for %s", (_, text) => {
  const index = indexOf(text, 32);
  expect(index.numSteps / text.length).toBeLessThan(120);
  expect(index.numBytes / text.length).toBeLessThan(200);
});
