import type { TableCandidate } from "../../stream/ports.ts";

/** A draft token in the search; the root is none. */
interface SearchNode {
  readonly tokenId: number;
  /** That the target takes it, given those before it: the table's word. */
  readonly share: number;
  numVisits: number;
  /** Of all visits: how many tokens the target may accept from this one on. */
  totalWorth: number;
  /** Undefined while nobody has looked what may follow. */
  children: readonly SearchNode[] | undefined;
}

/** What may follow the text and a path of draft tokens, the likeliest first. */
export type Expansion = (path: readonly number[]) => readonly TableCandidate[];

/** Weight of what is hardly visited against what is known to be worth something: `c` of PUCT. */
const exploration = 3;
const maxDepth = 16;

/**
 * Monte Carlo tree search for draft tokens (ADED, arXiv 2407.12021), with nothing random in it: each visit goes
 * down by PUCT, worth(a) + c * share(a) * sqrt(visits) / (1 + visits(a)), to a place where nobody was, and its worth
 * is the accepted tokens that the table promises along the path. The visits of a token are then how far it is worth
 * drafting.
 */
export class DraftSearch {
  readonly #expand: Expansion;
  readonly #root = nodeOf({ tokenId: -1, chance: 1 });

  /** @param numVisits at most 16 steps each */
  constructor(expand: Expansion, numVisits: number) {
    this.#expand = expand;
    for (let visit = 0; visit < numVisits; visit++) {
      this.#visit();
      if (this.#root.children?.length === 0) return;
    }
  }

  /** What may follow a path, the most visited first, each with its share of the visits; off the search, the table's word. */
  candidatesAfter(path: readonly number[]): TableCandidate[] {
    const children = this.#nodeAt(path)?.children;
    if (children === undefined) return [...this.#expand(path)];
    const numVisits = children.reduce((sum, child) => sum + child.numVisits, 1);
    return children
      .map(({ tokenId, share, numVisits: own }) => ({ tokenId, chance: (own + share) / numVisits }))
      .sort((a, b) => b.chance - a.chance);
  }

  #nodeAt(path: readonly number[]): SearchNode | undefined {
    let node: SearchNode | undefined = this.#root;
    for (const tokenId of path) node = node?.children?.find((child) => child.tokenId === tokenId);
    return node;
  }

  #visit(): void {
    const visited = [this.#root];
    let node = this.#root;
    while (node.children !== undefined && visited.length <= maxDepth) {
      const next = mostPromising(node);
      if (next === undefined) break;
      visited.push(next);
      node = next;
    }
    if (visited.length <= maxDepth)
      node.children ??= this.#expand(visited.slice(1).map(({ tokenId }) => tokenId)).map(nodeOf);
    let worth = node.children?.[0]?.share ?? 0;
    for (const at of visited.reverse()) {
      worth = at.share * (1 + worth);
      at.totalWorth += worth;
      at.numVisits++;
    }
  }
}

function nodeOf({ tokenId, chance: share }: TableCandidate): SearchNode {
  return { tokenId, share, numVisits: 0, totalWorth: 0, children: undefined };
}

function mostPromising({ numVisits, children = [] }: SearchNode): SearchNode | undefined {
  let best: SearchNode | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const child of children) {
    const worth = child.numVisits === 0 ? 0 : child.totalWorth / child.numVisits;
    const doubt = (child.share * Math.sqrt(numVisits)) / (1 + child.numVisits);
    const promise = worth / (1 + worth) + exploration * doubt; // worth counts tokens: within 0 to 1
    if (promise > highest) [best, highest] = [child, promise];
  }
  return best;
}
