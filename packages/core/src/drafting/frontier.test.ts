import { expect, test } from "vitest";
import { DraftTree } from "./draft-tree.ts";
import { frontierOf } from "./frontier.ts";

const chancesOf = ({ places }: ReturnType<typeof frontierOf>) =>
  places.map((place) => place.map(({ tokenId, chance }) => [tokenId, Number(chance.toFixed(3))]));

test("is the likeliest path that was sent, each token with its siblings", () => {
  const tree = new DraftTree(5, true, 20);
  const likely = tree.add(tree.root, 1, 0.7, true);
  const sibling = tree.add(tree.root, 2, 0.2, true);
  if (likely === undefined || sibling === undefined) throw new Error("the tree is full");
  tree.add(sibling, 3, 0.9, true);
  tree.add(likely, 4, 0.1, true);
  tree.add(likely, 5, 0.5, true);
  tree.add(likely, 6, 0.3, false);
  const frontier = frontierOf(tree, ({ data }) => data);
  expect(frontier.distance).toBe(2);
  expect(chancesOf(frontier)).toEqual([
    [
      [1, 0.7],
      [2, 0.2],
    ],
    [
      [5, 0.35],
      [4, 0.07],
    ],
  ]);
  // A commit moves the root, and the path with it: chances count from there.
  tree.follow(2);
  expect(chancesOf(frontierOf(tree, ({ data }) => data))).toEqual([[[3, 0.9]]]);
});

test("shows a dozen places and four tokens of each at most", () => {
  const tree = new DraftTree(0, undefined, 200);
  for (let at = tree.root, place = 0; place < 20; place++) {
    for (let tokenId = 1; tokenId <= 6; tokenId++) tree.add(at, tokenId, 0.1, undefined);
    at = at.children[0] as typeof at;
  }
  const { distance, places } = frontierOf(tree, () => true);
  expect(distance).toBe(20);
  expect(places.map((place) => place.length)).toEqual(new Array(12).fill(4));
});
