import { AdaedlError } from "../errors.ts";

/** A draft token in its tree. `Data` is what an owner of the tree notes about it. */
export interface DraftNode<Data> {
  /** Undefined for the root. */
  readonly parent: DraftNode<Data> | undefined;
  /** Undefined for a root that the tree began with. */
  readonly tokenId: number | undefined;
  /** Length of the text that ends with this token. */
  readonly length: number;
  /** Natural logarithm of the chance of its path, counted from where the tree began. */
  readonly logChance: number;
  readonly children: readonly DraftNode<Data>[];
  readonly data: Data;
}

interface MutableNode<Data> extends DraftNode<Data> {
  logChance: number;
  parent: MutableNode<Data> | undefined;
  readonly children: MutableNode<Data>[];
}

/**
 * Draft tokens that may follow a text and are neither committed nor pruned. The root stands for the
 * text itself: its token is the last one of the text. A chain of draft tokens is a tree, too.
 *
 * Invariants (`checkIntegrity`):
 * - D1 the tree holds the root and exactly what can be reached from it, at most `maxNodes` nodes
 * - D2 no two children of a node have the same token
 * - D3 a path is never likelier than its own beginning
 */
export class DraftTree<Data> {
  readonly #maxNodes: number;
  #nodes = new Set<DraftNode<Data>>();
  #root: MutableNode<Data>;

  /**
   * @param length of the text that the tree grows from
   * @param maxNodes bounds the memory; the root counts
   */
  constructor(length: number, data: Data, maxNodes: number) {
    this.#maxNodes = maxNodes;
    this.#root = newRoot(length, data);
    this.#nodes.add(this.#root);
  }

  get root(): DraftNode<Data> {
    return this.#root;
  }

  /** Nodes, the root among them. */
  get size(): number {
    return this.#nodes.size;
  }

  get isFull(): boolean {
    return this.#nodes.size >= this.#maxNodes;
  }

  /** The nodes of the tree, each after its parent. */
  nodes(): Iterable<DraftNode<Data>> {
    return this.#nodes;
  }

  has(node: DraftNode<Data>): boolean {
    return this.#nodes.has(node);
  }

  /** Chance that the text continues with the path from the root to `node`: 1 for the root. */
  chanceOf(node: DraftNode<Data>): number {
    return Math.exp(node.logChance - this.#root.logChance);
  }

  /** Chance of a node's token given its parent. */
  shareOf({ logChance, parent }: DraftNode<Data>): number {
    return Math.exp(logChance - (parent?.logChance ?? logChance));
  }

  /** Chance that the text goes on from a node with none of its children: 1 where it has none. */
  uncoveredBelow({ children }: DraftNode<Data>): number {
    return Math.max(
      0,
      children.reduce((left, child) => left - this.shareOf(child), 1),
    );
  }

  /**
   * @param parent a node of this tree
   * @param chance of `tokenId` given its parent, above 0 and at most 1
   * @returns undefined when the tree is full or the parent has such a child already
   */
  add(
    parent: DraftNode<Data>,
    tokenId: number,
    chance: number,
    data: Data,
  ): DraftNode<Data> | undefined {
    if (this.isFull || parent.children.some((child) => child.tokenId === tokenId)) return undefined;
    const node: MutableNode<Data> = {
      parent: parent as MutableNode<Data>,
      tokenId,
      length: parent.length + 1,
      logChance: parent.logChance + Math.log(chance),
      children: [],
      data,
    };
    (parent as MutableNode<Data>).children.push(node);
    this.#nodes.add(node);
    return node;
  }

  /**
   * Makes every path through a node as much likelier, or less likely, as its token is now.
   * @param node of this tree, not its root
   * @param chance of its token given its parent, above 0 and at most 1
   */
  revise(node: DraftNode<Data>, chance: number): void {
    this.#scale(node as MutableNode<Data>, Math.log(chance / this.shareOf(node)));
  }

  /**
   * The text continues with `tokenId`: moves the root to the child that has this token, and prunes
   * everything that is not below it.
   * @returns whether there is such a child; without one nothing changes
   */
  follow(tokenId: number): boolean {
    const next = this.#root.children.find((child) => child.tokenId === tokenId);
    if (next === undefined) return false;
    this.#nodes.delete(this.#root);
    for (const child of this.#root.children) if (child !== next) this.#remove(child);
    // The path behind the root is let go of, or a long text would keep all of it.
    next.parent = undefined;
    this.#root = next;
    return true;
  }

  /** Keeps nothing but the root. */
  pruneBelowRoot(): void {
    for (const child of this.#root.children.splice(0)) this.#remove(child);
  }

  /** Begins anew: nothing but a root that stands for a text of `length` tokens. */
  reset(length: number, data: Data): void {
    this.#root = newRoot(length, data);
    this.#nodes = new Set([this.#root]);
  }

  /** @throws AdaedlError `internal` naming the invariant that does not hold */
  checkIntegrity(): void {
    const reachable = new Set<DraftNode<Data>>();
    const visit = (node: DraftNode<Data>) => {
      reachable.add(node);
      if (new Set(node.children.map(({ tokenId }) => tokenId)).size < node.children.length)
        throw broken("D2", "two children of a node have the same token");
      for (const child of node.children) {
        if (child.logChance > node.logChance)
          throw broken("D3", "a path is likelier than its beginning");
        visit(child);
      }
    };
    visit(this.#root);
    if (reachable.size !== this.#nodes.size || [...reachable].some((node) => !this.has(node)))
      throw broken("D1", `${reachable.size} nodes can be reached, ${this.#nodes.size} are held`);
    if (reachable.size > this.#maxNodes) throw broken("D1", `there are ${reachable.size} nodes`);
  }

  #scale(node: MutableNode<Data>, logFactor: number): void {
    // D3, whatever was rounded.
    node.logChance = Math.min(node.logChance + logFactor, node.parent?.logChance ?? 0);
    for (const child of node.children) this.#scale(child, logFactor);
  }

  #remove(node: DraftNode<Data>): void {
    this.#nodes.delete(node);
    for (const child of node.children) this.#remove(child);
  }
}

function newRoot<Data>(length: number, data: Data): MutableNode<Data> {
  return { parent: undefined, tokenId: undefined, length, logChance: 0, children: [], data };
}

function broken(invariant: string, what: string): AdaedlError {
  return new AdaedlError("internal", `draft tree: ${invariant} is broken: ${what}`);
}
