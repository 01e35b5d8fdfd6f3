import { expect, test } from "vitest";
import { createOutputFilter, type OutputLimits, type OutputStep } from "./output-filter.ts";
import { createPieceStream } from "./piece-stream.cases.ts";

const pieces = ["a", "b", "c", "st", "op", "é~", "!"];

/** Steps of the output up to its end. */
function filterAll(tokenIds: readonly number[], limits: Partial<OutputLimits>): OutputStep[] {
  const all = { maxTokens: 100, stopTokenIds: new Set<number>(), stopStrings: [], ...limits };
  const filter = createOutputFilter(all, createPieceStream(pieces));
  const steps: OutputStep[] = [];
  for (const tokenId of tokenIds) {
    steps.push(filter(tokenId));
    if (steps.at(-1)?.finishReason !== undefined) break;
  }
  return steps;
}

test("goes on until a limit ends the output", () => {
  expect(filterAll([0, 1, 2], {})).toEqual([{ text: "a" }, { text: "b" }, { text: "c" }]);
});

test("maxTokens ends the output with its last token, text and all", () => {
  expect(filterAll([0, 1, 2], { maxTokens: 2 })).toEqual([
    { text: "a" },
    { text: "b", finishReason: "length" },
  ]);
});

test("half a character comes out with its other half, or at the end", () => {
  expect(filterAll([5, 6, 5], { maxTokens: 3 })).toEqual([
    { text: "" },
    { text: "é~!" },
    { text: "é~", finishReason: "length" },
  ]);
});

test("a stop token ends the output without text of its own", () => {
  expect(filterAll([0, 5, 1, 2], { stopTokenIds: new Set([1]) })).toEqual([
    { text: "a" },
    { text: "" },
    { text: "é~", finishReason: "stop" },
  ]);
});

test("a stop token at the last place is a stop", () => {
  const steps = filterAll([0, 1], { stopTokenIds: new Set([1]), maxTokens: 2 });
  expect(steps.at(-1)).toEqual({ text: "", finishReason: "stop" });
});

test("a stop string over two tokens ends the output before its first", () => {
  expect(filterAll([0, 3, 4, 1], { stopStrings: ["stop"] })).toEqual([
    { text: "a" },
    { text: "" },
    { text: "", finishReason: "stop" },
  ]);
});

test("a stop string completed by the last token allowed is a stop, not a length", () => {
  const steps = filterAll([0, 3, 4], { stopStrings: ["top"], maxTokens: 3 });
  expect(steps).toEqual([{ text: "a" }, { text: "s" }, { text: "", finishReason: "stop" }]);
});

test("the beginning of a stop string is shown when the output ends otherwise", () => {
  const stopStrings = ["stop"];
  expect(filterAll([0, 3], { stopStrings, maxTokens: 2 }).at(-1)).toEqual({
    text: "st",
    finishReason: "length",
  });
  expect(filterAll([0, 3, 2], { stopStrings, stopTokenIds: new Set([2]) }).at(-1)).toEqual({
    text: "st",
    finishReason: "stop",
  });
});

test("a stop string in what was left of the text at the end still cuts it", () => {
  const steps = filterAll([0, 5], { stopStrings: ["é"], maxTokens: 2 });
  expect(steps.at(-1)).toEqual({ text: "", finishReason: "stop" });
});

test("without a text stream there is no text, and limits hold all the same", () => {
  const limits = { maxTokens: 2, stopTokenIds: new Set<number>(), stopStrings: [] };
  const filter = createOutputFilter(limits, undefined);
  expect([filter(0), filter(1)]).toEqual([{ text: "" }, { text: "", finishReason: "length" }]);
});
