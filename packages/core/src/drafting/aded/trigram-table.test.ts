import { expect, test } from "vitest";
import { TrigramTable } from "./trigram-table.ts";

test("counts what follows two tokens, and leaves a share for what never did", () => {
  const table = new TrigramTable(10);
  table.learnAll([1, 2, 3, 1, 2, 3, 1, 2, 4]);
  expect(table.candidatesAfter(1, 2)).toEqual([
    { tokenId: 3, chance: 2 / 5 },
    { tokenId: 4, chance: 1 / 5 },
  ]);
  expect(table.candidatesAfter(2, 1)).toEqual([]);
});

test("keeps eight tokens of a pair, the rarest makes room", () => {
  const table = new TrigramTable(10);
  for (let next = 0; next < 9; next++)
    for (let count = 0; count < (next === 3 ? 1 : 2); count++) table.learn(1, 1, next);
  const ids = table.candidatesAfter(1, 1).map(({ tokenId }) => tokenId);
  expect(ids.toSorted()).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
});

test("keeps the pairs that came last", () => {
  const table = new TrigramTable(2);
  table.learnAll([1, 2, 3, 4, 5]);
  expect([1, 2, 3].map((first) => table.candidatesAfter(first, first + 1).length)).toEqual([
    0, 1, 1,
  ]);
});
