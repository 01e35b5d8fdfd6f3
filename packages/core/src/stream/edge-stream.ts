import { chooseBatch } from "../drafting/choose-batch.ts";
import { type DraftNode, DraftTree } from "../drafting/draft-tree.ts";
import { type Frontier, frontierOf } from "../drafting/frontier.ts";
import { AdaedlError } from "../errors.ts";
import { Text } from "../text/text.ts";
import type { GuessDistribution } from "../verification/rule.ts";
import { whatIsWrongWith } from "./check-commit.ts";
import { maxOfferedNodes } from "./check-offer.ts";
import type { Drafted, DraftingLimits, EdgeEffect, EdgeEvent, EdgeTerms } from "./edge-events.ts";
import { type Commit, type Offer, originAt } from "./messages.ts";
import type { PlaceEvidence } from "./ports.ts";

interface EdgeData {
  /** Whether it was the drafter's first choice for its place. */
  readonly isFirst: boolean;
  isExpanded: boolean;
  /** Its id on the stream; undefined while it is not sent. */
  sentAs: number | undefined;
  /** The exact distribution it was drawn from, where the verification rule needs that. */
  readonly distribution?: GuessDistribution | undefined;
  /** What the drafter knew of the place after it. */
  evidence?: PlaceEvidence | undefined;
}
type EdgeNode = DraftNode<EdgeData>;

/** A stream's credit grows at least every so many tokens that the reader takes. */
const creditEvery = 16;

/**
 * The edge's end of one text: a state machine without clock, promise or randomness. It holds the truth
 * (prompt and committed tokens), so that any verifier can go on with the text when a stream is lost.
 *
 * Invariants:
 * - E1 the root of the tree stands at the text's end
 * - E2 on a stream a node is sent once, after its parent; the root counts as sent when a child is
 * - E3 the text grows by what is delivered, each token once
 * - E4 after the end nothing is held, sent, drafted or delivered
 */
export class EdgeStream {
  readonly text: Text;
  readonly #terms: EdgeTerms;
  readonly #tree: DraftTree<EdgeData>;
  #drafting: DraftingLimits | undefined;
  /** What the drafter works on. */
  #batch: readonly EdgeNode[] | undefined;
  #isOpen = false;
  #numSent = 0;
  #readLength: number;
  /** Credit that the stream was given. */
  #credit = 0;
  #numDelivered = 0;
  #isEnded = false;
  /** Rounds: the draft is complete. */
  #isDraftOver = false;

  constructor(terms: EdgeTerms) {
    this.#terms = terms;
    this.#drafting = terms.drafting && this.#checkLimits(terms.drafting);
    this.text = new Text(terms.promptTokenIds);
    this.#readLength = this.text.length;
    // One offer has room for the whole tree.
    this.#tree = new DraftTree(this.text.length, newData(true), maxOfferedNodes);
  }

  /** Credit that a stream is opened with: none for a round, whose draft comes first. */
  get openingCredit(): number {
    return this.#isWaiting ? this.text.length : this.#readLength + this.#terms.ahead;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Draft tokens held. */
  get numNodes(): number {
    return this.#tree.size - 1;
  }

  /** The likeliest draft tokens that are in flight. */
  get frontier(): Frontier {
    return frontierOf(this.#tree, ({ data }) => data.sentAs !== undefined);
  }

  apply(event: EdgeEvent): readonly EdgeEffect[] {
    if (this.#isEnded) return []; // E4
    const effects = this.#react(event);
    if (this.#isEnded) return effects;
    effects.push(...this.#draft());
    if (this.#isOpen) effects.push(...this.#offer());
    return effects;
  }

  /** @throws AdaedlError `internal` naming the invariant that does not hold */
  checkIntegrity(): void {
    this.#tree.checkIntegrity();
    const { root, size } = this.#tree;
    const { length } = this.text;
    if (root.length !== length) throw broken("E1", `the root is at ${root.length} of ${length}`);
    const ids = new Set<number>();
    for (const { parent, data } of this.#tree.nodes()) {
      if (data.sentAs === undefined) continue;
      const isAfterParent = parent === undefined || (parent.data.sentAs ?? Infinity) < data.sentAs;
      if (!isAfterParent || ids.has(data.sentAs) || data.sentAs > this.#numSent)
        throw broken("E2", `node ${data.sentAs} of ${this.#numSent} was sent out of order`);
      ids.add(data.sentAs);
    }
    if (length !== this.#terms.promptTokenIds.length + this.#numDelivered)
      throw broken("E3", `${this.#numDelivered} tokens were delivered, the text has ${length}`);
    if (this.#isEnded && size > 1) throw broken("E4", `${size - 1} draft tokens are held`);
  }

  #checkLimits(limits: DraftingLimits): DraftingLimits {
    if (this.#terms.isInRounds && limits.bound !== 0)
      throw new AdaedlError(
        "internal",
        `edge stream: bound must be 0 in rounds, is ${limits.bound}`,
      );
    return limits;
  }

  #react(event: EdgeEvent): EdgeEffect[] {
    switch (event.type) {
      case "opened":
        this.#isOpen = true;
        this.#credit = this.openingCredit;
        return [];
      case "lost":
        this.#lose();
        return [];
      case "commit":
        return this.#isOpen ? this.#take(event.commit) : [];
      case "drafted":
        this.#grow(event);
        return [];
      case "limits":
        this.#drafting &&= this.#checkLimits(event.drafting);
        return [];
      case "draftingEnded":
        this.#drafting = undefined;
        this.#batch = undefined;
        // The rest of a round's draft is not sent: it was for a round, and credit is a stream's from here on.
        if (this.#terms.isInRounds) this.#tree.reset(this.text.length, newData(true));
        return [];
      case "read":
        this.#readLength = Math.max(this.#readLength, event.length);
        return [];
      case "stop":
        return this.#isOpen ? [{ type: "cancel" }, this.#end("stop")] : [this.#end("stop")];
    }
  }

  /** Tokens that are known already are skipped; nonsense ends the stream, and the text goes on elsewhere. */
  #take(commit: Commit): EdgeEffect[] {
    const wrong = whatIsWrongWith(commit, this.text, this.#terms);
    if (wrong !== undefined) {
      this.#lose();
      return [{ type: "reopen", why: new AdaedlError("unavailable", wrong) }];
    }
    const effects: EdgeEffect[] = [];
    const numKnown = this.text.length - commit.position;
    for (const [index, tokenId] of commit.tokenIds.entries()) {
      if (index < numKnown) continue;
      const { evidence } = this.#tree.root.data;
      this.#append(tokenId);
      effects.push({ type: "deliver", tokenId, origin: originAt(commit, index), index, evidence });
      const isEnd = this.#terms.endTokenIds.has(tokenId);
      if (isEnd || this.text.length >= this.#terms.maxLength)
        return [...effects, this.#end(isEnd ? "stop" : "length")];
    }
    return effects;
  }

  #append(tokenId: number): void {
    this.text.append(tokenId);
    if (!this.#tree.follow(tokenId)) this.#tree.reset(this.text.length, newData(true)); // E1
    this.#numDelivered++; // E3
    this.#isDraftOver = false;
  }

  #lose(): void {
    this.#isOpen = false;
    this.#numSent = 0;
    for (const { data } of this.#tree.nodes()) data.sentAs = undefined; // E2
  }

  #end(reason: "stop" | "length"): EdgeEffect {
    this.#isEnded = true;
    this.#tree.reset(this.text.length, newData(true)); // E4
    return { type: "end", reason };
  }

  #grow({ candidates, evidence, isLast = false }: Drafted): void {
    for (const [place, node] of (this.#batch ?? []).entries()) {
      if (!this.#tree.has(node)) continue; // the text took another way meanwhile
      node.data.isExpanded = true;
      node.data.evidence = evidence?.[place];
      for (const [rank, { tokenId, chance, distribution }] of (candidates[place] ?? []).entries())
        this.#tree.add(node, tokenId, chance, newData(rank === 0, distribution));
      this.#isDraftOver = isLast;
    }
    this.#batch = undefined;
  }

  /** Gives the drafter its next places, the likeliest ones, whenever it is free. */
  #draft(): EdgeEffect[] {
    const isFree = this.#batch === undefined && !this.#isDraftOver && !this.#tree.isFull;
    if (this.#drafting === undefined || !isFree) return [];
    const batch = chooseBatch(this.#expandable(this.#drafting), this.#drafting);
    if (batch.length === 0) {
      this.#isDraftOver = this.#terms.isInRounds;
      return [];
    }
    this.#batch = batch.map(({ node }) => node);
    return [{ type: "draft", paths: this.#batch.map(pathTo) }];
  }

  #expandable({ bound, maxDepth }: DraftingLimits) {
    const longest = Math.min(this.#terms.maxLength - 2, this.text.length + maxDepth - 1);
    const places: { readonly node: EdgeNode; readonly chance: number }[] = [];
    for (const node of this.#tree.nodes()) {
      const chance = this.#tree.chanceOf(node);
      const isWorth = chance >= bound && !this.#terms.endTokenIds.has(node.tokenId as number);
      const isWanted = node === this.#tree.root || isWorth;
      if (isWanted && !node.data.isExpanded && node.length <= longest)
        places.push({ node, chance });
    }
    return places;
  }

  /** Everything not sent yet that is likely enough by now, and the first candidate of the next place. */
  #offer(): EdgeEffect[] {
    const { root } = this.#tree;
    const bound = this.#drafting?.bound ?? 0;
    const firstId = this.#numSent + 1;
    const nodes: Offer["nodes"][number][] = [];
    let base: Offer["base"];
    for (const { parent, data, ...node } of this.#tree.nodes()) {
      if (parent === undefined || data.sentAs !== undefined) continue;
      const isWorth = Math.exp(node.logChance - root.logChance) >= bound;
      if (!isWorth && !(parent === root && data.isFirst)) continue;
      if (parent.data.sentAs === undefined) {
        // A parent is as likely as its child at least, so that only the root can be unknown (E2).
        base = this.text.fence();
        parent.data.sentAs = 0;
      }
      data.sentAs = ++this.#numSent;
      const chance = Math.exp(node.logChance - parent.logChance);
      const { distribution } = data;
      nodes.push({
        parent: parent.data.sentAs,
        tokenId: node.tokenId as number,
        chance,
        ...(distribution === undefined ? {} : { distribution }),
      });
    }
    const credit = this.#creditNow();
    const isCreditDue = credit >= this.#credit + (this.#isWaiting ? 1 : creditEvery);
    if (nodes.length === 0 && !isCreditDue) return [];
    this.#credit = credit;
    return [{ type: "offer", offer: { base, firstId, nodes, credit } }];
  }

  #creditNow(): number {
    if (!this.#isWaiting) return this.openingCredit;
    return this.#isDraftOver ? this.text.length + 1 : this.#credit;
  }

  /** Whether the target waits for a draft before each forward. */
  get #isWaiting(): boolean {
    return this.#terms.isInRounds && this.#drafting !== undefined;
  }
}

function newData(isFirst: boolean, distribution?: GuessDistribution): EdgeData {
  return { isFirst, isExpanded: false, sentAs: undefined, distribution };
}

/** Draft tokens from the root (which is not one) to `node`. */
function pathTo(node: EdgeNode): number[] {
  const path: number[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) path.push(at.tokenId as number);
  return path.reverse();
}

function broken(invariant: string, what: string): AdaedlError {
  return new AdaedlError("internal", `edge stream: ${invariant} is broken: ${what}`);
}
