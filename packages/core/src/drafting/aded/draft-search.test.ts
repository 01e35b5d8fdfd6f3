import { expect, test } from "vitest";
import { DraftSearch, type Expansion } from "./draft-search.ts";

/** After 1 the text is sure to go on with 1, after 2 nothing is known; both are about as likely. */
const expand: Expansion = (path) => {
  if (path.at(-1) === 2) return [];
  if (path.at(-1) === 1) return [{ tokenId: 1, chance: 0.9 }];
  return [
    { tokenId: 2, chance: 0.42 },
    { tokenId: 1, chance: 0.4 },
  ];
};

test("visits most what is worth most further on", () => {
  const [first, second] = new DraftSearch(expand, 200).candidatesAfter([]);
  expect([first?.tokenId, second?.tokenId]).toEqual([1, 2]);
  const chances = (first?.chance ?? 1) + (second?.chance ?? 1);
  expect(chances).toBeLessThan(1);
});

test("looks at no more places than it has visits, and at none twice", () => {
  const paths: string[] = [];
  const counted: Expansion = (path) => {
    paths.push(path.join());
    return expand(path);
  };
  new DraftSearch(counted, 64);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.length).toBeLessThanOrEqual(64);
  expect(Math.max(...paths.map((path) => path.split(",").length))).toBeLessThanOrEqual(16);
});

test("ends at once where nothing is known, and says of places off its way what the table does", () => {
  let numLooks = 0;
  const search = new DraftSearch((path) => {
    numLooks++;
    return path.length === 0 ? [] : expand(path);
  }, 64);
  expect([numLooks, search.candidatesAfter([]), search.candidatesAfter([3, 1])]).toEqual([
    ...[1, [], [{ tokenId: 1, chance: 0.9 }]],
  ]);
});
