import type { DraftNode, DraftTree } from "../drafting/draft-tree.ts";
import type { GuessDistribution } from "../verification/rule.ts";
import type { DraftingLimits, EdgeTerms, Evidence } from "./edge-events.ts";
import type { OfferedNode } from "./messages.ts";

/** What the edge notes about a draft token. */
export interface EdgeData {
  /** What proposed it, in this order; none for a root that the tree began with. */
  readonly sources: number[];
  /** Whether it is a draft model's first choice for its place. */
  isFirst: boolean;
  /** Its id on the stream; undefined while it is not sent. */
  sentAs: number | undefined;
  /** The exact distribution it was drawn from, where the verification rule needs that. */
  readonly distribution?: GuessDistribution | undefined;
  /** What was said about the place after it; holes where a source was not asked. [sources, or fewer] */
  readonly answers: (Answer | undefined)[];
  /** Whether the text went on behind it. */
  isPassed?: boolean;
  /** What was said about it before the tokens in front of it were drafted. [sources, or fewer] */
  readonly ahead: (Evidence | undefined)[];
}
export type EdgeNode = DraftNode<EdgeData>;

interface Answer {
  readonly evidence: Evidence | undefined;
}

export function rootData(): EdgeData {
  return { sources: [], isFirst: false, sentAs: undefined, answers: [], ahead: [] };
}

export function childOf({ children }: EdgeNode, tokenId: number | undefined): EdgeNode | undefined {
  return children.find((child) => child.tokenId === tokenId);
}

/** Draft tokens from the root (which is not one) to `node`. */
export function pathTo(node: EdgeNode): number[] {
  const path: number[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) path.push(at.tokenId as number);
  return path.reverse();
}

/**
 * Where a source may be asked, by the chance that the text comes there and goes on with no draft token
 * that is held: what another source has proposed already leaves less to find.
 */
export function expandable(
  tree: DraftTree<EdgeData>,
  source: number,
  { bound, maxDepth }: DraftingLimits,
  { maxLength, endTokenIds }: EdgeTerms,
) {
  const longest = longestPath(tree, maxDepth, maxLength);
  const places: { readonly node: EdgeNode; readonly chance: number }[] = [];
  for (const node of tree.nodes()) {
    if (node.data.answers[source] !== undefined || node.length > longest) continue;
    const chance = tree.chanceOf(node) * tree.uncoveredBelow(node);
    const isWorth = chance >= bound && !endTokenIds.has(node.tokenId as number);
    if (node === tree.root || isWorth) places.push({ node, chance });
  }
  return places;
}

/** Length of the text before the last place that is drafted for. */
export function longestPath(
  { root }: DraftTree<EdgeData>,
  maxDepth: number,
  maxLength: number,
): number {
  return Math.min(maxLength - 2, root.length + maxDepth - 1);
}

/**
 * Numbers what was not sent yet and is likely enough by now, and the draft model's first choice for the next
 * place in any case.
 * @returns the nodes to send, each after its parent, and whether the root has to be named for them
 */
export function takeUnsent(tree: DraftTree<EdgeData>, bound: number, firstId: number) {
  const { root } = tree;
  const nodes: OfferedNode[] = [];
  let isFromRoot = false;
  for (const node of tree.nodes()) {
    const { parent, data } = node;
    if (parent === undefined || data.sentAs !== undefined) continue;
    if (tree.chanceOf(node) < bound && !(parent === root && data.isFirst)) continue;
    if (parent.data.sentAs === undefined) {
      // A parent is as likely as its child at least, so that only the root can be unknown (E2).
      isFromRoot = true;
      parent.data.sentAs = 0;
    }
    data.sentAs = firstId + nodes.length;
    const { distribution } = data;
    nodes.push({
      parent: parent.data.sentAs,
      tokenId: node.tokenId as number,
      chance: tree.shareOf(node),
      ...(distribution === undefined ? {} : { distribution }),
    });
  }
  return { nodes, isFromRoot };
}
