import { TargetStream, Text } from "@adaedl/core";
import { expect, test } from "vitest";
import { ChainPlanner } from "./chain-planner.ts";

const tokenIds = [1, 2, 3];

/** A text with four draft tokens in a chain, each with a chance of one half. */
function open(credit: number) {
  const stream = new TargetStream({
    ...{ tokenIds, credit, maxLength: 20, numTokenIds: 10, endTokenIds: new Set() },
  });
  const nodes = [4, 5, 6, 7].map((tokenId, parent) => ({ parent, tokenId, chance: 0.5 }));
  const offer = { base: new Text(tokenIds).fence(), firstId: 1, nodes, credit };
  stream.apply({ type: "offer", offer });
  return new ChainPlanner(stream);
}
const numPlanned = (planner: ChainPlanner) => planner.plan(0.2, 3).length;

test("the draft tokens of a stream are verified as far as they are worth their rows", () => {
  expect(numPlanned(open(10))).toBe(2);
});

test("a round, with which credit ends, is verified as it was made", () => {
  expect(numPlanned(open(4))).toBe(4);
});

test("an edge that says too much of its draft tokens gets fewer rows", () => {
  const planner = open(10);
  const chain = planner.plan(0, 4);
  for (let count = 0; count < 20; count++) planner.committed(chain, 0, count);
  expect(numPlanned(planner)).toBe(0);
});
