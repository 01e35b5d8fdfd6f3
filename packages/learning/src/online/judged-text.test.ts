import type { TokenLogprob } from "@adaedl/core";
import { expect, test } from "vitest";
import { batchesOf, judgedTextOf, onlineShape } from "./judged-text.ts";

const spec = { vocabSize: 40 };
const text = Array.from({ length: 300 }, (_, index) => index % 40);
const top = (changes: (at: TokenLogprob, rank: number) => TokenLogprob = (one) => one) =>
  Array.from({ length: 16 }, (_, rank) =>
    changes({ tokenId: rank, logprob: Math.log(1 / 20) }, rank),
  );
const judge = (tops: [number, TokenLogprob[]][], tokenIds = text) =>
  judgedTextOf(tokenIds, new Map(tops), spec);

test("keeps the end of a text, and the predictions of its latest tokens", () => {
  const judged = judge(text.map((_, index) => [index, top()]));
  expect(judged?.tokenIds).toEqual(text.slice(-onlineShape.length));
  expect(judged?.positions).toEqual(Array.from({ length: 128 }, (_, index) => 127 + index));
  expect(judged?.topIds).toHaveLength(128 * 16);
});

test.each<[string, TokenLogprob[]]>([
  ["too few", top().slice(1)],
  ["the same token twice", top((one, rank) => (rank === 3 ? { ...one, tokenId: 2 } : one))],
  ["a token that the draft has not", top((one, rank) => ({ ...one, tokenId: rank + 30 }))],
  ["more mass than there is", top((one) => ({ ...one, logprob: Math.log(1 / 15) }))],
  ["no numbers", top((one) => ({ ...one, logprob: Number.NaN }))],
])("leaves out predictions that cannot be right: %s", (_, wrong) => {
  expect(judge([[20, wrong]], text.slice(0, 30))).toBeUndefined();
  const both = judge(
    [...([[20, wrong]] as [number, TokenLogprob[]][]), [21, top()]],
    text.slice(0, 30),
  );
  expect(both?.positions).toEqual([20]);
});

test("takes nothing from texts without predictions, or with tokens that the draft has not", () => {
  expect(judge([])).toBeUndefined();
  expect(judge([[0, top()]])).toBeUndefined(); // there is nothing before it
  expect(judge([[900, top()]])).toBeUndefined();
  expect(judge([[1, top()]], [1, 2, 40])).toBeUndefined();
});

test("an impossible token has a number for the graph", () => {
  const impossible = top((one) => ({ ...one, logprob: Number.NEGATIVE_INFINITY }));
  expect([...(judge([[2, impossible]], [1, 2, 3])?.topLogprobs ?? [])]).toEqual(
    Array(16).fill(-100),
  );
});

test("batches have as many texts as the graph has rows", () => {
  const judged = judge([[5, top()]], text.slice(0, 10));
  if (judged === undefined) throw new Error("nothing was judged");
  const batches = batchesOf(Array(6).fill(judged));
  expect(batches.map(({ rows }) => rows.length)).toEqual([4, 2]);
  expect(batches[1]?.judged).toEqual([
    { row: 0, position: 4 },
    { row: 1, position: 4 },
  ]);
});
