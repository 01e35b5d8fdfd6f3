import type { DraftNode, DraftTree } from "./draft-tree.ts";

/** A draft token in flight. */
export interface FrontierToken {
  readonly tokenId: number;
  /** That the text continues with the path to it: the edge's estimate. */
  readonly chance: number;
}

/** How far the edge is ahead of the target, and where: for whoever watches. */
export interface Frontier {
  readonly type: "frontier";
  /** Tokens on the likeliest path in flight. */
  readonly distance: number;
  /** That path: at each place its token and then its siblings, the likelier first. As far as is shown. */
  readonly places: readonly (readonly FrontierToken[])[];
}

/** Of a frontier that is shown. */
const mostPlaces = 12;
const mostTokens = 4;

/** The likeliest path through the nodes of `tree` that `isSent` counts in. */
export function frontierOf<Data>(
  tree: DraftTree<Data>,
  isSent: (node: DraftNode<Data>) => boolean,
): Frontier {
  const places: FrontierToken[][] = [];
  let distance = 0;
  let children = tree.root.children.filter(isSent);
  while (children.length > 0) {
    children.sort((a, b) => b.logChance - a.logChance);
    distance++;
    if (distance <= mostPlaces)
      places.push(
        children.slice(0, mostTokens).map((node) => ({
          tokenId: node.tokenId as number,
          chance: tree.chanceOf(node),
        })),
      );
    children = (children[0]?.children ?? []).filter(isSent);
  }
  return { type: "frontier", distance, places };
}
