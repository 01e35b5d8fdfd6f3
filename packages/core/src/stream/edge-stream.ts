import { chooseBatch } from "../drafting/choose-batch.ts";
import { DraftTree } from "../drafting/draft-tree.ts";
import { type Frontier, frontierOf } from "../drafting/frontier.ts";
import { AdaedlError } from "../errors.ts";
import { Text } from "../text/text.ts";
import { whatIsWrongWith } from "./check-commit.ts";
import { maxOfferedNodes } from "./check-offer.ts";
import type {
  Candidate,
  Drafted,
  DraftingLimits,
  DraftSource,
  EdgeEffect,
  EdgeEvent,
  EdgeTerms,
  FurtherPlace,
} from "./edge-events.ts";
import {
  childOf,
  type EdgeData,
  type EdgeNode,
  expandable,
  longestPath,
  pathTo,
  rootData,
  takeUnsent,
} from "./edge-tree.ts";
import { type Commit, originAt } from "./messages.ts";

interface SourceState {
  readonly isImmediate: boolean;
  /** Undefined once it has ended. */
  limits: DraftingLimits | undefined;
  /** What it works on. */
  batch: readonly EdgeNode[] | undefined;
}

/** A stream's credit grows at least every so many tokens that the reader takes. */
const creditEvery = 16;

/**
 * The edge's end of one text: a state machine without clock, promise or randomness. It holds the truth
 * (prompt and committed tokens), so that any verifier can go on with the text when a stream is lost.
 *
 * Invariants:
 * - E1 the root of the tree stands at the text's end
 * - E2 on a stream a node is sent once, after its parent; the root, and no other, counts as sent when a child is
 * - E3 the text grows by what is delivered, each token once
 * - E4 after the end nothing is held, sent, drafted or delivered
 * - E5 a source has one batch at most, of places that it has not been asked about; none once it has ended
 * - E6 while a source that answers at once has a batch, nothing is sent and no other source is asked
 */
export class EdgeStream {
  readonly text: Text;
  readonly #terms: EdgeTerms;
  readonly #tree: DraftTree<EdgeData>;
  readonly #sources: readonly SourceState[];
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
    if (terms.isInRounds && terms.sources.length > 1)
      throw new AdaedlError("internal", "edge stream: several sources draft in rounds");
    this.#sources = terms.sources.map((source) => this.#begin(source));
    this.text = new Text(terms.promptTokenIds);
    this.#readLength = this.text.length;
    // One offer has room for the whole tree.
    this.#tree = new DraftTree(this.text.length, rootData(), maxOfferedNodes);
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
    if (this.#isOpen && !this.#isAnswerDue) effects.push(...this.#offer()); // E6
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
      const isBase = data.sentAs === 0 && parent !== undefined;
      if (!isAfterParent || isBase || ids.has(data.sentAs) || data.sentAs > this.#numSent)
        throw broken("E2", `node ${data.sentAs} of ${this.#numSent} was sent out of order`);
      ids.add(data.sentAs);
    }
    if (length !== this.#terms.promptTokenIds.length + this.#numDelivered)
      throw broken("E3", `${this.#numDelivered} tokens were delivered, the text has ${length}`);
    if (this.#isEnded && size > 1) throw broken("E4", `${size - 1} draft tokens are held`);
    for (const [source, { batch = [], limits }] of this.#sources.entries()) {
      const isAsked = batch.some(({ data }) => data.answers[source] !== undefined);
      if (isAsked || (batch.length > 0 && limits === undefined))
        throw broken("E5", `source ${source} has places that it should not have`);
    }
  }

  #begin({ limits, isImmediate }: DraftSource): SourceState {
    return { isImmediate, limits: this.#checkLimits(limits), batch: undefined };
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
        this.#sourceOf(event).limits &&= this.#checkLimits(event.limits);
        return [];
      case "draftingEnded":
        Object.assign(this.#sourceOf(event), { limits: undefined, batch: undefined });
        // The rest of a round's draft is not sent: it was for a round, and credit is a stream's from here on.
        if (this.#terms.isInRounds) this.#tree.reset(this.text.length, rootData());
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
      const { answers, ahead } = this.#tree.root.data;
      const evidence = Array.from(answers, (answer) => answer?.evidence);
      this.#append(tokenId);
      const origin = originAt(commit, index);
      const sources = origin === "accepted" ? this.#tree.root.data.sources : [];
      effects.push({ type: "deliver", tokenId, origin, index, sources, evidence, ahead });
      const isEnd = this.#terms.endTokenIds.has(tokenId);
      if (isEnd || this.text.length >= this.#terms.maxLength)
        return [...effects, this.#end(isEnd ? "stop" : "length")];
    }
    return effects;
  }

  #append(tokenId: number): void {
    this.text.append(tokenId);
    this.#tree.root.data.isPassed = true;
    if (!this.#tree.follow(tokenId)) this.#tree.reset(this.text.length, rootData()); // E1
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
    this.#tree.reset(this.text.length, rootData()); // E4
    return { type: "end", reason };
  }

  #grow({ source, candidates, others = [], evidence, further, isLast = false }: Drafted): void {
    const state = this.#sourceOf({ source });
    for (const [place, node] of (state.batch ?? []).entries()) {
      if (!this.#tree.has(node)) {
        // The text went on meanwhile: what was said about places that are still to come holds if it went that way.
        if (node.data.isPassed)
          this.#goOn(
            source,
            this.#tree.root,
            this.#stillToCome(node, candidates[place], further?.[place]),
          );
        continue;
      }
      node.data.answers[source] = { evidence: evidence?.[place] };
      for (const [rank, candidate] of (candidates[place] ?? []).entries())
        this.#propose(node, source, candidate, rank === 0 && !state.isImmediate);
      for (const { tokenId, chance } of others[place] ?? []) {
        const known = childOf(node, tokenId);
        if (known !== undefined) this.#tree.revise(known, chance);
      }
      this.#goOn(source, childOf(node, candidates[place]?.[0]?.tokenId), further?.[place]);
      this.#isDraftOver = isLast;
    }
    state.batch = undefined;
  }

  /** Those of the further places that are not in the text yet; none where it went another way. */
  #stillToCome(
    { length }: EdgeNode,
    candidates: readonly Candidate[] = [],
    further: readonly FurtherPlace[] = [],
  ): readonly FurtherPlace[] {
    const told = [candidates, ...further.map((place) => place.candidates)];
    const committed = this.text.tokenIds.slice(length);
    const isRight = committed.every((tokenId, index) => told[index]?.[0]?.tokenId === tokenId);
    return isRight ? further.slice(committed.length - 1) : [];
  }

  /**
   * Each further place follows the first candidate of the one before. What is held there already keeps its
   * share of the chances, as far as nothing new is said about it.
   * @param node before the first of them; undefined where it is not held
   */
  #goOn(
    source: number,
    node: EdgeNode | undefined,
    further: readonly FurtherPlace[] | undefined,
  ): void {
    const { limits } = this.#sourceOf({ source });
    const { maxLength, endTokenIds } = this.#terms;
    let parent = node;
    for (const { candidates, evidence } of further ?? []) {
      if (parent === undefined || limits === undefined) return;
      const isTooLong = parent.length > longestPath(this.#tree, limits.maxDepth, maxLength);
      const isTooUnlikely = this.#tree.chanceOf(parent) < limits.bound;
      const isEnd = endTokenIds.has(parent.tokenId as number);
      if (isTooLong || isTooUnlikely || isEnd || parent.data.answers[source] !== undefined) return;
      parent.data.ahead[source] = evidence;
      for (const [rank, candidate] of candidates.entries()) {
        const left = this.#tree.uncoveredBelow(parent);
        const isNew = childOf(parent, candidate.tokenId) === undefined;
        const chance = isNew ? Math.min(candidate.chance, left) : candidate.chance;
        if (chance > 0) this.#propose(parent, source, { ...candidate, chance }, rank === 0);
      }
      parent = childOf(parent, candidates[0]?.tokenId);
    }
  }

  #propose(
    parent: EdgeNode,
    source: number,
    { tokenId, chance, distribution }: Candidate,
    isFirst: boolean,
  ): void {
    const known = childOf(parent, tokenId);
    const { isImmediate, limits } = this.#sourceOf({ source });
    if (known === undefined) {
      if (isImmediate && limits !== undefined && chance < limits.bound) return;
      const data = {
        sources: [source],
        isFirst,
        distribution,
        sentAs: undefined,
        answers: [],
        ahead: [],
      };
      this.#tree.add(parent, tokenId, chance, data);
      return;
    }
    this.#tree.revise(known, chance);
    if (!known.data.sources.includes(source)) known.data.sources.push(source);
    known.data.isFirst ||= isFirst;
  }

  /**
   * Gives each source that is free its next places: those that answer at once come first, one after the other, so
   * that each knows what those before it say (E6).
   */
  #draft(): EdgeEffect[] {
    const effects: EdgeEffect[] = [];
    for (const isImmediate of [true, false])
      for (const [source, state] of this.#sources.entries())
        if (state.isImmediate === isImmediate && !this.#isAnswerDue)
          effects.push(...this.#draftBy(source, state));
    return effects;
  }

  #draftBy(source: number, state: SourceState): EdgeEffect[] {
    const isFree = state.batch === undefined && !this.#isDraftOver && !this.#tree.isFull;
    if (state.limits === undefined || !isFree) return [];
    const batch = chooseBatch(
      expandable(this.#tree, source, state.limits, this.#terms),
      state.limits,
    );
    if (batch.length === 0) {
      this.#isDraftOver = this.#terms.isInRounds;
      return [];
    }
    state.batch = batch.map(({ node }) => node);
    const paths = state.batch.map(pathTo);
    const others = state.batch.map(({ children }) =>
      children.map((child) => ({
        tokenId: child.tokenId as number,
        chance: this.#tree.shareOf(child),
      })),
    );
    return [{ type: "draft", source, paths, others }];
  }

  /** Everything not sent yet that is likely enough by now, and the first candidate of the next place. */
  #offer(): EdgeEffect[] {
    const bounds = this.#sources.flatMap(({ limits }) => limits?.bound ?? []);
    const bound = bounds.length === 0 ? 0 : Math.min(...bounds);
    const firstId = this.#numSent + 1;
    const { nodes, isFromRoot } = takeUnsent(this.#tree, bound, firstId);
    this.#numSent += nodes.length;
    const base = isFromRoot ? this.text.fence() : undefined;
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
    return this.#terms.isInRounds && this.#sources[0]?.limits !== undefined;
  }

  /** Whether a source that answers at once works on something. */
  get #isAnswerDue(): boolean {
    return this.#sources.some(({ isImmediate, batch }) => isImmediate && batch !== undefined);
  }

  #sourceOf({ source }: { readonly source: number }): SourceState {
    const state = this.#sources[source];
    if (state === undefined)
      throw new AdaedlError("internal", `edge stream: there is no source ${source}`);
    return state;
  }
}

function broken(invariant: string, what: string): AdaedlError {
  return new AdaedlError("internal", `edge stream: ${invariant} is broken: ${what}`);
}
