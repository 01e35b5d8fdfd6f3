import { expect, test } from "vitest";
import { parsePolicy } from "../drafting/drafting-policy.ts";
import { strategyOf } from "./strategy-of.ts";
import { facts } from "./stream-ports.cases.ts";

/** Bounds of the tables after a text of which these sources have proposed every second token. */
function boundsAfter(...proposers: number[]) {
  const strategy = strategyOf(parsePolicy("stream"), 16, ["model", "suffix", "aded"]);
  if (strategy === undefined) throw new Error("nothing drafts");
  for (let position = 0; position < 800; position++) {
    const commit = { position, tokenIds: [1], numJudged: 0, numAccepted: 0 };
    const sources = position % 2 === 0 ? proposers : [];
    const token = { type: "deliver", tokenId: 1, origin: "accepted", index: 0 } as const;
    strategy.observe(commit, facts, [{ ...token, sources, evidence: [], ahead: [] }], 30);
  }
  return strategy.sources.slice(1).map((source) => source.limits().bound);
}

test("a table rests that has nothing of its own; of several that agree all but the first", () => {
  expect(boundsAfter(1)).toEqual([0.05, 0.5]);
  expect(boundsAfter(2)).toEqual([0.5, 0.05]);
  expect(boundsAfter(1, 2)).toEqual([0.05, 0.5]);
  expect(boundsAfter(2, 1)).toEqual([0.05, 0.5]);
  expect(boundsAfter(0, 1)).toEqual([0.5, 0.5]);
});
