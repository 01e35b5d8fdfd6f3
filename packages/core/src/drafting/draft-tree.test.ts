import fc from "fast-check";
import { expect, test } from "vitest";
import { type DraftNode, DraftTree } from "./draft-tree.ts";

const newTree = (maxNodes = 100) => new DraftTree<string>(10, "root", maxNodes);
const tokensOf = (nodes: Iterable<DraftNode<string>>) => [...nodes].map(({ tokenId }) => tokenId);

test("follows the text, and prunes what is not below it", () => {
  const tree = newTree();
  const left = tree.add(tree.root, 1, 0.5, "left");
  tree.add(tree.root, 2, 0.25, "right");
  const deep = tree.add(left as DraftNode<string>, 3, 0.5, "deep");
  expect(tree.chanceOf(deep as DraftNode<string>)).toBeCloseTo(0.25);
  expect(tree.follow(1)).toBe(true);
  expect(tree.root).toMatchObject({ tokenId: 1, length: 11, data: "left", parent: undefined });
  expect(tokensOf(tree.nodes())).toEqual([1, 3]);
  expect(tree.chanceOf(deep as DraftNode<string>)).toBeCloseTo(0.5);
  tree.checkIntegrity();
});

test("a token that no child has changes nothing; only the root is left on request", () => {
  const tree = newTree();
  tree.add(tree.root, 1, 0.5, "");
  expect(tree.follow(2)).toBe(false);
  expect(tree.size).toBe(2);
  tree.pruneBelowRoot();
  expect(tree.size).toBe(1);
  tree.reset(3, "new");
  expect(tree.root).toMatchObject({ tokenId: undefined, length: 3, data: "new" });
});

test("takes no second child of the same token, and no more nodes than it has room for", () => {
  const tree = newTree(3);
  expect(tree.add(tree.root, 1, 0.5, "")).toBeDefined();
  expect(tree.add(tree.root, 1, 0.4, "")).toBeUndefined();
  expect(tree.add(tree.root, 2, 0.4, "")).toBeDefined();
  expect(tree.isFull).toBe(true);
  expect(tree.add(tree.root, 3, 0.1, "")).toBeUndefined();
});

test("a path may become likelier, or less likely, with all that is below it", () => {
  const tree = newTree();
  const child = tree.add(tree.root, 1, 0.5, "") as DraftNode<string>;
  const deep = tree.add(child, 2, 0.5, "") as DraftNode<string>;
  tree.add(tree.root, 3, 0.1, "");
  expect(tree.uncoveredBelow(tree.root)).toBeCloseTo(0.4);
  tree.revise(child, 0.3);
  expect(tree.chanceOf(deep)).toBeCloseTo(0.15);
  tree.revise(child, 0.8);
  expect(tree.chanceOf(deep)).toBeCloseTo(0.4);
  expect(tree.shareOf(deep)).toBeCloseTo(0.5);
  expect(tree.uncoveredBelow(tree.root)).toBeCloseTo(0.1);
  expect(tree.uncoveredBelow(deep)).toBe(1);
  tree.revise(child, 1);
  expect(tree.uncoveredBelow(tree.root)).toBe(0);
  tree.checkIntegrity();
});

test("chances stay exact along a text of any length", () => {
  const tree = newTree();
  for (let place = 0; place < 2_000; place++) {
    const node = tree.add(tree.root, 1, 0.01, "");
    expect(tree.chanceOf(node as DraftNode<string>)).toBeCloseTo(0.01, 9); // 0.01 ** 2000 is 0
    tree.follow(1);
  }
});

test("is a tree whatever is added, followed and pruned, and holds what a list of paths holds", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), parent: fc.nat(20), tokenId: fc.nat(3) }),
    fc.record({ kind: fc.constant("follow" as const), tokenId: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const tree = newTree(12);
      // The model: every path from the root, as a string of tokens.
      let paths = [""];
      const pathOf = (node: DraftNode<string>): string =>
        node === tree.root ? "" : pathOf(node.parent as DraftNode<string>) + node.tokenId;
      for (const act of steps) {
        if (act.kind === "follow") {
          const isThere = tree.follow(act.tokenId);
          expect(isThere).toBe(paths.includes(`${act.tokenId}`));
          if (isThere)
            paths = paths.filter((p) => p.startsWith(`${act.tokenId}`)).map((p) => p.slice(1));
        } else {
          const nodes = [...tree.nodes()];
          const parent = nodes[act.parent % nodes.length] as DraftNode<string>;
          const path = pathOf(parent) + act.tokenId;
          const node = tree.add(parent, act.tokenId, 0.5, "");
          expect(node !== undefined).toBe(!paths.includes(path) && paths.length < 12);
          if (node !== undefined) paths.push(path);
        }
        tree.checkIntegrity();
        expect([...tree.nodes()].map(pathOf).sort()).toEqual(paths.toSorted());
      }
    }),
  );
});
