import { expect, test } from "vitest";
import { checkedTopLogprobs } from "./checked-top-logprobs.ts";

const numTokenIds = 10;
const top = (...tokenIds: number[]) => tokenIds.map((tokenId) => ({ tokenId, logprob: -1 }));

test("lists for each place are believed, shorter ones of a small vocabulary too", () => {
  const lists = [top(1, 9), top(3)];
  expect(checkedTopLogprobs(lists, 2, numTokenIds)).toEqual(lists);
});

test.each([
  ["were not asked for", [top(), top()], 0],
  ["are longer than asked for", [top(1), top(1, 2, 3)], 2],
  ["hold a token that there is not", [top(1), top(numTokenIds)], 2],
])("lists that %s are dropped", (_, lists, numAsked) => {
  expect(checkedTopLogprobs(lists, numAsked, numTokenIds)).toEqual([]);
});
