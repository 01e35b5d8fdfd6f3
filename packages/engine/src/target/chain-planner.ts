import {
  longestDraftLength,
  type PlannedToken,
  type SuffixDrafter,
  type TargetStream,
} from "@adaedl/core";
import { createChanceScale } from "./chance-scale.ts";
import { DraftArrivals } from "./draft-arrivals.ts";

/** Paths of the suffix drafter that are less likely are not worth a row, whatever a row costs. */
const leastSuffixChance = 0.05;

/** Decides which draft tokens of a text are verified, and learns how far its edge can be relied on. */
export class ChainPlanner {
  readonly #stream: TargetStream;
  readonly #suffix: SuffixDrafter | undefined;
  readonly #scale = createChanceScale();
  readonly #arrivals: DraftArrivals;

  /** @param suffix drafts beside the target, at no round trip; absent: the edge alone drafts */
  constructor(stream: TargetStream, suffix?: SuffixDrafter) {
    this.#stream = stream;
    this.#suffix = suffix;
    this.#arrivals = new DraftArrivals(stream);
  }

  /**
   * The draft tokens of a forward that begins now: what the suffix drafter has, or the edge's likeliest path
   * and what the suffix drafter has after it, whichever promises more. Where credit ends with it, it is a round, and
   * verified as it was made: the text depends on it under the rejection rule, and a stopping policy learns from
   * it. Its rows are charged to its client like all rows.
   */
  plan(leastChance: number, maxDraftLength: number): readonly PlannedToken[] {
    if (this.#stream.isLastStep)
      return this.#stream.plan({ leastChance: 0, maxDraftLength: longestDraftLength });
    const chanceScale = this.#scale.current;
    const edge = this.#stream.plan({ leastChance, maxDraftLength, chanceScale });
    if (this.#suffix === undefined) return edge;
    const longest = Math.min(maxDraftLength, this.#stream.draftRoom);
    const extended = this.#extend(edge, leastChance, longest);
    if (edge.length === 0) return extended.chain;
    const alone = this.#extend([], leastChance, longest);
    return alone.worth > extended.worth ? alone.chain : extended.chain;
  }

  /**
   * Adds what the suffix drafter has after the edge's draft tokens.
   * @returns the chain, and what it is worth: accepted tokens it promises, less the price of its rows
   */
  #extend(edge: readonly PlannedToken[], leastChance: number, longest: number) {
    const chain = [...edge];
    let pathChance = 1;
    let worth = 0;
    for (const { chance } of edge) {
      pathChance *= chance * this.#scale.current;
      worth += pathChance - leastChance;
    }
    const path = edge.map(({ tokenId }) => tokenId);
    for (const token of this.#suffix?.propose(path, longest - edge.length) ?? []) {
      pathChance *= token.chance;
      if (pathChance < Math.max(leastChance, leastSuffixChance)) break;
      worth += pathChance - leastChance;
      chain.push({ ...token, isVerifiers: true });
    }
    return { chain, worth };
  }

  /**
   * Until when to hold back a forward that could begin at `since`: see `DraftArrivals`.
   * @returns undefined where it is to begin at once: draft tokens are there, or not worth waiting for
   */
  worthWaitingUntil(priceMs: number, since: number, now: number): number | undefined {
    const { hasFreshNodes, isLastStep, draftRoom } = this.#stream;
    if (priceMs === 0 || hasFreshNodes || isLastStep || draftRoom <= 0) return undefined;
    if (this.#extend([], 0, draftRoom).chain.length > 0) return undefined;
    return this.#arrivals.worthWaitingUntil(priceMs, since, now);
  }

  /** The stream has taken in an offer. */
  offered(hasBase: boolean, now: number): void {
    this.#arrivals.offered(hasBase, now);
  }

  /** The stream has taken in a forward with these draft tokens, of which the first ones were accepted. */
  committed(chain: readonly PlannedToken[], numAccepted: number, now: number): void {
    const chances = chain.flatMap(({ chance, isVerifiers }) => (isVerifiers ? [] : chance));
    const numOfEdge = Math.min(numAccepted, chances.length);
    this.#scale.observe(chances, numOfEdge);
    this.#arrivals.committed(chances.length, numOfEdge, now);
  }
}
