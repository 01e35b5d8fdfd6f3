import { type DraftNode, DraftTree } from "../drafting/draft-tree.ts";
import { AdaedlError, invalidField } from "../errors.ts";
import { type Fence, Text } from "../text/text.ts";
import type { GuessDistribution } from "../verification/rule.ts";
import { checkOffer } from "./check-offer.ts";
import {
  type Commit,
  edgeDraftOf,
  type Offer,
  type OfferedNode,
  verifierDraftOf,
} from "./messages.ts";
import { newTargetCounts, type TargetCounts } from "./target-counts.ts";
import type {
  ChainLimits,
  PlannedToken,
  TargetEffect,
  TargetEvent,
  TargetFinish,
  TargetTerms,
} from "./target-events.ts";

/** Draft tokens held for one text; what is beyond is dropped as if it had been lost. */
const maxNodes = 1024;

/** What the target notes about a node: its id on the stream, how likely it is, and how it was drawn. */
interface TargetData {
  readonly id: number;
  readonly chance: number;
  readonly distribution?: GuessDistribution | undefined;
}
type TargetNode = DraftNode<TargetData>;
const newRoot: TargetData = { id: 0, chance: 1 };
type StepDone = Extract<TargetEvent, { type: "stepDone" }>;

/**
 * The target's end of one text: a state machine without clock, promise or randomness. Whatever is
 * offered, and whenever it arrives, changes which draft tokens are verified and never what is committed.
 *
 * The root of the tree is the *cursor*: the place in the tree whose path follows the committed text
 * furthest. Draft tokens below a cursor at the text's end are *fresh*.
 *
 * Invariants:
 * - T1 the path to the cursor spells a prefix of the text
 * - T2 a cursor behind the text's end has no children: a late draft token moves it or is dropped
 * - T3 node ids lead to the nodes of the tree, one to each
 * - T4 after the end no draft token is held, and nothing is committed
 * - T5 the text is at most `maxLength` long
 */
export class TargetStream {
  readonly text: Text;
  readonly #terms: TargetTerms;
  readonly #counts: TargetCounts;
  readonly #tree: DraftTree<TargetData>;
  readonly #nodes = new Map<number, TargetNode>();
  /** Ids count all nodes that the stream has sent, dropped ones too. */
  #nextId = 1;
  /** The node whose children came late, the last time: the cursor may have passed it by the first of them. */
  #latePlace: number | undefined;
  #credit: number;
  /** Draft tokens of the forward that runs. */
  #running: Extract<TargetEvent, { type: "stepBegun" }> | undefined;
  /** Whether there were any that it could have had. */
  #wasFresh = false;
  #isFinished = false;

  /** @param counts told everything that happens; other texts may count in them, too */
  constructor(terms: TargetTerms, counts: TargetCounts = newTargetCounts()) {
    this.#terms = terms;
    this.#counts = counts;
    this.text = new Text(terms.tokenIds);
    this.#credit = terms.credit;
    this.#tree = new DraftTree(this.text.length, newRoot, maxNodes);
    this.#nodes.set(0, this.#tree.root);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Draft tokens held. */
  get numNodes(): number {
    return this.#tree.size - 1;
  }

  /** Whether a forward for this text may begin: it has credit, and none is running. */
  get canStep(): boolean {
    return !this.#isFinished && this.#running === undefined && this.text.length < this.#credit;
  }

  /** Whether credit ends with a forward that begins now, as in rounds. */
  get isLastStep(): boolean {
    return this.text.length === this.#credit - 1;
  }

  /** Whether a forward that begins now has draft tokens to verify. */
  get hasFreshNodes(): boolean {
    return this.#tree.root.length === this.text.length && this.#tree.size > 1;
  }

  /** Draft tokens that fit before the longest text's last one, which is the target's own (T5). */
  get draftRoom(): number {
    return this.#terms.maxLength - this.text.length - 1;
  }

  /** Length of the text up to the cursor. */
  get cursorLength(): number {
    return this.#tree.root.length;
  }

  /**
   * The draft tokens to verify in a forward that begins now: along the likeliest child at each place,
   * as far as the path is worth its rows. Changes nothing.
   */
  plan({ leastChance, chanceScale = 1, maxDraftLength }: ChainLimits): readonly PlannedToken[] {
    const chain: PlannedToken[] = [];
    if (this.#tree.root.length < this.text.length) return chain;
    const longest = Math.min(maxDraftLength, this.draftRoom);
    let node = likeliest(this.#tree.root.children);
    let pathChance = 1;
    while (node !== undefined && chain.length < longest) {
      const tokenId = node.tokenId as number;
      const { chance, distribution } = node.data;
      pathChance *= chance * chanceScale;
      if (pathChance < leastChance) break;
      chain.push(
        distribution === undefined ? { tokenId, chance } : { tokenId, chance, distribution },
      );
      node = this.#terms.endTokenIds.has(tokenId) ? undefined : likeliest(node.children);
    }
    return chain;
  }

  /**
   * @throws AdaedlError `aborted` for a base that the text does not begin with: open again with the
   *   whole prefix; `invalid_argument` for an offer that no honest edge sends
   */
  apply(event: TargetEvent): readonly TargetEffect[] {
    if (this.#isFinished) return []; // T4: what was on its way when the text ended
    if (event.type === "stepDone") return this.#commit(event);
    if (event.type === "cancel") return [this.#finish("cancelled")];
    if (event.type === "offer") this.#take(event.offer);
    else {
      this.#running = event;
      this.#wasFresh = this.hasFreshNodes;
    }
    return [];
  }

  /** @throws AdaedlError `internal` naming the invariant that does not hold */
  checkIntegrity(): void {
    this.#tree.checkIntegrity();
    const { root, size } = this.#tree;
    const { tokenIds, length } = this.text;
    const isOnText = root.tokenId === undefined || tokenIds[root.length - 1] === root.tokenId;
    if (root.length > length || !isOnText)
      throw broken("T1", `the cursor is at ${root.length} of ${length}`);
    if (root.length < length && size > 1)
      throw broken("T2", `the cursor at ${root.length} of ${length} has children`);
    const isMapped = [...this.#nodes].every(
      ([id, node]) => node.data.id === id && this.#tree.has(node),
    );
    if (this.#nodes.size !== size || !isMapped)
      throw broken("T3", `${this.#nodes.size} ids lead to ${size} nodes`);
    if (this.#isFinished && size > 1) throw broken("T4", `${size - 1} draft tokens are held`);
    if (length > this.#terms.maxLength) throw broken("T5", `the text has ${length} tokens`);
  }

  #take(offer: Offer): void {
    checkOffer(offer, this.#terms.numTokenIds);
    const { base, firstId, nodes, credit } = offer;
    this.#credit = Math.max(this.#credit, credit);
    const longest = this.text.length + 1;
    if (this.#terms.isInRounds && nodes.length > 0 && this.#credit > longest)
      throw invalidField(
        "offer.credit",
        this.#credit,
        `must be at most ${longest}, for one commit, where draft tokens are verified by the rejection rule`,
      );
    if (firstId < this.#nextId) return; // it came twice, or late
    this.#nextId = firstId;
    if (base !== undefined) this.#rebase(base);
    for (const node of nodes) this.#add(node);
  }

  /** Begins a new tree at a prefix of the text. */
  #rebase(base: Fence): void {
    if (!this.text.startsWith(base))
      throw new AdaedlError(
        "aborted",
        `offer.base must be a prefix of the text of ${this.text.length} tokens, got another one of length ${base.length}`,
        { field: "offer.base", value: base.length },
      );
    this.#reset(base.length);
  }

  #add({ parent, tokenId, chance, distribution }: OfferedNode): void {
    const id = this.#nextId++;
    const above = this.#nodes.get(parent);
    const isLate =
      above === undefined ? parent === this.#latePlace : above.length < this.text.length;
    this.#counts.numOffered++;
    if (isLate) this.#counts.numLate++;
    else if (above === undefined) this.#counts.numDead++;
    if (isLate) this.#latePlace = parent;
    if (above === undefined) return; // it was on its way when its branch was pruned
    if (isLate && this.text.tokenIds[above.length] !== tokenId) return; // T2
    const node = this.#tree.add(above, tokenId, chance, { id, chance, distribution });
    if (node !== undefined) this.#nodes.set(id, node);
    else if (!isLate) this.#counts.numDead++;
    if (isLate) this.#advance();
  }

  /** Moves the cursor along the text as far as there are draft tokens, and prunes all others (T1, T2). */
  #advance(): void {
    const { tokenIds, length } = this.text;
    while (this.#tree.root.length < length)
      if (!this.#tree.follow(tokenIds[this.#tree.root.length] as number)) {
        this.#tree.pruneBelowRoot();
        break;
      }
    for (const [id, node] of this.#nodes) if (!this.#tree.has(node)) this.#nodes.delete(id); // T3
  }

  #commit({ numAccepted, nextTokenId, successors }: StepDone): TargetEffect[] {
    const { draftTokenIds: judged = [], numVerifierDrafted = 0 } = this.#running ?? {};
    this.#running = undefined;
    const position = this.text.length;
    const decided = [...judged.slice(0, numAccepted), nextTokenId];
    const end = decided.findIndex((tokenId) => this.#terms.endTokenIds.has(tokenId));
    const tokenIds = end < 0 ? decided : decided.slice(0, end + 1);
    for (const tokenId of tokenIds) this.text.append(tokenId);
    this.#advance();
    const commit: Commit = {
      ...{ position, tokenIds, numJudged: judged.length, numAccepted },
      ...(numVerifierDrafted > 0 ? { numVerifierDrafted } : {}),
      ...(successors === undefined ? {} : { successors: successors.slice(0, tokenIds.length) }),
    };
    this.#count(commit);
    const effects: TargetEffect[] = [{ type: "commit", commit }];
    if (end >= 0) effects.push(this.#finish("stop"));
    else if (this.text.length >= this.#terms.maxLength) effects.push(this.#finish("length"));
    return effects;
  }

  #count(commit: Commit): void {
    const counts = this.#counts;
    const [edge, own] = [edgeDraftOf(commit), verifierDraftOf(commit)];
    counts.numJudged += edge.numJudged;
    counts.numAccepted += edge.numAccepted;
    counts.numVerifierDrafted += own.numJudged;
    counts.numVerifierAccepted += own.numAccepted;
    counts.numTokens += commit.tokenIds.length;
    if (commit.numJudged > 0) counts.numVerified++;
    else if (this.#wasFresh) counts.numLeftOut++;
    else counts.numBare++;
  }

  #finish(reason: TargetFinish): TargetEffect {
    this.#isFinished = true;
    this.#reset(this.text.length); // T4
    return { type: "finished", reason };
  }

  #reset(length: number): void {
    this.#tree.reset(length, newRoot);
    this.#nodes.clear();
    this.#nodes.set(0, this.#tree.root);
  }
}

function likeliest(children: readonly TargetNode[]): TargetNode | undefined {
  let best = children[0];
  for (const child of children) if (child.logChance > (best?.logChance as number)) best = child;
  return best;
}

function broken(invariant: string, what: string): AdaedlError {
  return new AdaedlError("internal", `target stream: ${invariant} is broken: ${what}`);
}
