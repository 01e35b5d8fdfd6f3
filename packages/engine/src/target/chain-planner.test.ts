import { createSuffixChances, SuffixDrafter, TargetStream, Text } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { ChainPlanner } from "./chain-planner.ts";

const tokenIds = [4, 5, 6, 7, 8, 9, 1, 2, 3];

/** A text with some draft tokens in a chain, each with a chance of one half; by default four. */
function open(credit: number, draft = [4, 5, 6, 7], hasSuffix = false) {
  const stream = new TargetStream({
    ...{ tokenIds, credit, maxLength: 30, numTokenIds: 10, endTokenIds: new Set() },
  });
  const nodes = draft.map((tokenId, parent) => ({ parent, tokenId, chance: 0.5 }));
  const offer = { base: new Text(tokenIds).fence(), firstId: 1, nodes, credit };
  stream.apply({ type: "offer", offer });
  const suffix = new SuffixDrafter(stream.text, {
    ...{ seed: 1, isGreedy: true, numPromptTokens: tokenIds.length, maxTokens: 100, salt: 0 },
    chances: createSuffixChances(true),
  });
  return new ChainPlanner(stream, hasSuffix ? suffix : undefined);
}
const numPlanned = (planner: ChainPlanner) => planner.plan(0.2, 3).length;

test("the draft tokens of a stream are verified as far as they are worth their rows", () => {
  expect(numPlanned(open(20))).toBe(2);
});

test("a round, with which credit ends, is verified as it was made", () => {
  expect(numPlanned(open(10))).toBe(4);
  expect(numPlanned(open(10, [4, 5, 6, 7], true))).toBe(4);
});

test("an edge that says too much of its draft tokens gets fewer rows", () => {
  const planner = open(20);
  const chain = planner.plan(0, 4);
  for (let count = 0; count < 20; count++) planner.committed(chain, 0, count);
  expect(numPlanned(planner)).toBe(0);
});

describe("with a suffix drafter", () => {
  const planned = (planner: ChainPlanner) =>
    planner.plan(0.01, 16).map(({ tokenId, isVerifiers = false }) => [tokenId, isVerifiers]);

  test("the edge's path is extended by what followed it before", () => {
    expect(planned(open(20, [4, 5])).length).toBe(2);
    const chain = planned(open(20, [4, 5], true));
    expect(chain.slice(0, 2)).toEqual([
      [4, false],
      [5, false],
    ]);
    expect(chain.slice(2, 5)).toEqual([
      [6, true],
      [7, true],
      [8, true],
    ]);
  });

  test("whichever promises more is verified, within the limits of the forward", () => {
    // The text's last tokens never came before, so that nothing follows them.
    expect(planned(open(20, [0], true))).toEqual([[0, false]]);
    expect(open(20, [4, 5], true).plan(0.01, 3).length).toBe(3);
    expect(planned(open(20, [], true))).toEqual([]);
  });

  test("the edge's word is not judged by draft tokens of the verifier's own", () => {
    const planner = open(20, [4, 5], true);
    const chain = planner.plan(0.01, 16);
    for (let count = 0; count < 20; count++) planner.committed(chain, 2, count);
    expect(numPlanned(planner)).toBeGreaterThanOrEqual(2);
  });
});
