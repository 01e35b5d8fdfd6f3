import type { VerdictMessage } from "@adaedl/protocol";
import { expect, test } from "vitest";
import { checkedTopLogprobs } from "./checked-top-logprobs.ts";

const numTokenIds = 10;
const top = (...tokenIds: number[]) => tokenIds.map((tokenId) => ({ tokenId, logprob: -1 }));
const verdictWith = (topLogprobs: VerdictMessage["topLogprobs"]): VerdictMessage => ({
  ...{ type: "verdict", round: 0, numAccepted: 1, nextTokenId: 1, committedLength: 3 },
  ...{ queueMs: 0, verifyMs: 1, batchSize: 1, maxDraftLength: 4, logprobs: [-1, -1] },
  topLogprobs,
});

test("lists for each place are believed, shorter ones of a small vocabulary too", () => {
  const lists = [top(1, 9), top(3)];
  expect(checkedTopLogprobs(verdictWith(lists), 2, numTokenIds)).toEqual(lists);
});

test.each([
  ["were not asked for", [top(1), top(2)], 0],
  ["are not sent, by a verifier of before", [], 2],
  ["are fewer than the places", [top(1)], 2],
  ["are more than the places", [top(1), top(2), top(3)], 2],
  ["are longer than asked for", [top(1), top(1, 2, 3)], 2],
  ["hold a token that there is not", [top(1), top(numTokenIds)], 2],
])("lists that %s are dropped", (_, lists, numAsked) => {
  expect(checkedTopLogprobs(verdictWith(lists), numAsked, numTokenIds)).toBeUndefined();
});
