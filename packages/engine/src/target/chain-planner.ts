import { longestDraftLength, type PlannedToken, type TargetStream } from "@adaedl/core";
import { createChanceScale } from "./chance-scale.ts";
import { DraftArrivals } from "./draft-arrivals.ts";

/** Decides which draft tokens of a text are verified, and learns how far its edge can be relied on. */
export class ChainPlanner {
  readonly #stream: TargetStream;
  readonly #scale = createChanceScale();
  readonly #arrivals: DraftArrivals;

  constructor(stream: TargetStream) {
    this.#stream = stream;
    this.#arrivals = new DraftArrivals(stream);
  }

  /**
   * The draft tokens of a forward that begins now. Where credit ends with it, it is a round, and verified as
   * it was made: the text depends on it under the rejection rule, and a stopping policy learns from it. Its
   * rows are charged to its client like all rows.
   */
  plan(leastChance: number, maxDraftLength: number): readonly PlannedToken[] {
    return this.#stream.plan(
      this.#stream.isLastStep
        ? { leastChance: 0, maxDraftLength: longestDraftLength }
        : { leastChance, maxDraftLength, chanceScale: this.#scale.current },
    );
  }

  /**
   * Until when to hold back a forward that could begin at `since`: see `DraftArrivals`.
   * @returns undefined where it is to begin at once: draft tokens are there, or not worth waiting for
   */
  worthWaitingUntil(priceMs: number, since: number, now: number): number | undefined {
    const { hasFreshNodes, isLastStep, hasRoomForDraft } = this.#stream;
    if (priceMs === 0 || hasFreshNodes || isLastStep || !hasRoomForDraft) return undefined;
    return this.#arrivals.worthWaitingUntil(priceMs, since, now);
  }

  /** The stream has taken in an offer. */
  offered(hasBase: boolean, now: number): void {
    this.#arrivals.offered(hasBase, now);
  }

  /** The stream has taken in a forward with these draft tokens, of which the first ones were accepted. */
  committed(chain: readonly PlannedToken[], numAccepted: number, now: number): void {
    this.#scale.observe(
      chain.map(({ chance }) => chance),
      numAccepted,
    );
    this.#arrivals.committed(chain.length, numAccepted, now);
  }
}
