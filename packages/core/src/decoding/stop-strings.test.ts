import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStopStringMatcher } from "./stop-strings.ts";

/**
 * The definition: read character by character, the output ends before the first stop string that
 * is complete, before the longest of several that are complete together.
 */
function cutNaively(text: string, stopStrings: readonly string[]) {
  for (let end = 1; end <= text.length; end++) {
    const complete = stopStrings.filter((stop) => text.slice(0, end).endsWith(stop));
    const stopString = complete.sort((a, b) => b.length - a.length)[0];
    if (stopString !== undefined)
      return { text: text.slice(0, end - stopString.length), stopString };
  }
  return { text, stopString: undefined };
}

/** Length of the longest end of `text` from which a stop string may still grow. */
function openLength(text: string, stopStrings: readonly string[]): number {
  for (let length = text.length; length > 0; length--)
    if (stopStrings.some((stop) => stop !== "" && stop.startsWith(text.slice(-length))))
      return length;
  return 0;
}

function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (const length of lengths) {
    pieces.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...pieces, rest];
}

// Few letters, so that stop strings overlap each other and themselves all the time.
const letters = fc.constantFrom("a", "b", "c");
const stopStrings = fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 5 }), {
  maxLength: 4,
});
const texts = fc.string({ unit: letters, maxLength: 30 });
const lengths = fc.array(fc.nat(6), { maxLength: 20 });

describe("for any text in any pieces and any stop strings", () => {
  test("the output is the text before the first complete stop string", () => {
    fc.assert(
      fc.property(texts, lengths, stopStrings, (text, pieceLengths, stops) => {
        const matcher = createStopStringMatcher(stops);
        let shown = "";
        let stopString: string | undefined;
        for (const piece of cut(text, pieceLengths)) {
          const match = matcher.push(piece);
          shown += match.text;
          stopString = match.stopString;
          if (stopString !== undefined) break;
        }
        shown += matcher.flush();
        expect({ text: shown, stopString }).toEqual(cutNaively(text, stops));
      }),
      { numRuns: 5000 },
    );
  });

  test("exactly what may still become a stop string is held back", () => {
    fc.assert(
      fc.property(texts, lengths, stopStrings, (text, pieceLengths, stops) => {
        const matcher = createStopStringMatcher(stops);
        let pushed = "";
        let shown = "";
        for (const piece of cut(text, pieceLengths)) {
          const match = matcher.push(piece);
          pushed += piece;
          shown += match.text;
          if (match.stopString !== undefined) return;
          expect(shown).toBe(pushed.slice(0, pushed.length - openLength(pushed, stops)));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("a stop string may begin in one piece and end in a later one", () => {
  const matcher = createStopStringMatcher(["\n\nUser:"]);
  expect(matcher.push("Yes.\n")).toEqual({ text: "Yes." });
  expect(matcher.push("\nUs")).toEqual({ text: "" });
  expect(matcher.push("er: no")).toEqual({ text: "", stopString: "\n\nUser:" });
  expect(matcher.flush()).toBe("");
});

test("a beginning that came to nothing is shown", () => {
  const matcher = createStopStringMatcher(["aab"]);
  expect(matcher.push("xaa")).toEqual({ text: "x" });
  expect(matcher.push("a")).toEqual({ text: "a" });
  expect(matcher.push("c")).toEqual({ text: "aac" });
});

test("where pieces begin and end makes no difference between overlapping stop strings", () => {
  for (const pieces of [["xabcd"], ["xabc", "d"], ["x", "a", "b", "c", "d"]]) {
    const matcher = createStopStringMatcher(["abcd", "bc"]);
    let shown = "";
    for (const piece of pieces) {
      const match = matcher.push(piece);
      shown += match.text;
      if (match.stopString !== undefined) break;
    }
    expect(shown).toBe("xa");
  }
});

test("without stop strings everything is shown at once", () => {
  const matcher = createStopStringMatcher([]);
  expect(matcher.push("abc")).toEqual({ text: "abc" });
  expect(matcher.flush()).toBe("");
});

test("flush gives what was held back once", () => {
  const matcher = createStopStringMatcher(["stop"]);
  expect(matcher.push("to sto")).toEqual({ text: "to " });
  expect(matcher.flush()).toBe("sto");
  expect(matcher.flush()).toBe("");
});
