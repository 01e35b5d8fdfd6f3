import type { TargetStream } from "@adaedl/core";

/** Weight of the newest time in a mean. */
const newest = 0.1;
/** How late draft tokens may be before they count as overdue. */
const numDeviations = 2;
/** Weight of the past in the chance that a first draft token is accepted, and the forwards imagined before any. */
const memory = 0.98;
const imagined = { verified: 4, accepted: 2.6 };

/** A running mean of times, and of their distance from it, in milliseconds. */
interface Times {
  mean: number;
  deviation: number;
}

/**
 * When a text's next draft tokens should be there, by when such came before: after a rejection the edge has
 * to learn of it and draft anew, else its offers keep coming, one place of the text after the other. Times
 * are milliseconds of whatever clock the caller goes by.
 */
export class DraftArrivals {
  readonly #stream: TargetStream;
  /** From one offer to the next. */
  #pace: Times | undefined;
  /** From a rejection to the first offer on the text as it is then. */
  #redraft: Times | undefined;
  #offeredAt: number | undefined;
  /** A commit that rejected a draft token and left no other, and the length of the text after it. */
  #rejected: { readonly at: number; readonly length: number } | undefined;
  #numVerified = imagined.verified;
  #numAccepted = imagined.accepted;

  constructor(stream: TargetStream) {
    this.#stream = stream;
  }

  /** The stream has taken in an offer. */
  offered(hasBase: boolean, now: number): void {
    if (!hasBase) {
      if (this.#offeredAt !== undefined) this.#pace = learn(this.#pace, now - this.#offeredAt);
    } else if (this.#rejected !== undefined) {
      this.#redraft = learn(this.#redraft, now - this.#rejected.at);
      this.#rejected = undefined;
    }
    this.#offeredAt = now;
  }

  /** The stream has taken in a forward, of whose `numJudged` draft tokens the first ones were accepted. */
  committed(numJudged: number, numAccepted: number, now: number): void {
    if (numJudged === 0) return;
    const { text, hasFreshNodes } = this.#stream;
    if (numAccepted < numJudged && !hasFreshNodes)
      this.#rejected = { at: now, length: text.length };
    this.#numVerified = memory * this.#numVerified + 1;
    this.#numAccepted = memory * this.#numAccepted + (numAccepted > 0 ? 1 : 0);
  }

  /**
   * Until when a forward without draft tokens is worth holding back: draft tokens that are accepted save a
   * forward later, so their chance times `priceMs` is worth waiting, from `since`.
   * @param priceMs what one forward of the text is worth
   * @returns undefined where none are expected in that time
   */
  worthWaitingUntil(priceMs: number, since: number, now: number): number | undefined {
    const expectedBy = this.#expectedBy();
    if (expectedBy === undefined || expectedBy <= now) return undefined;
    const holds = this.#numAccepted / this.#numVerified;
    return expectedBy <= since + priceMs * holds ? expectedBy : undefined;
  }

  #expectedBy(): number | undefined {
    const { text, cursorLength } = this.#stream;
    if (this.#offeredAt === undefined || this.#pace === undefined) return undefined;
    if (this.#rejected === undefined) {
      const numMissing = text.length - cursorLength + 1;
      return latest(this.#offeredAt, this.#pace, numMissing * this.#pace.mean);
    }
    if (this.#redraft === undefined) return undefined;
    // The edge drafts from the text as it was then.
    const ms = this.#redraft.mean + (text.length - this.#rejected.length) * this.#pace.mean;
    return latest(this.#rejected.at, this.#redraft, ms);
  }
}

function latest(from: number, { deviation }: Times, ms: number): number {
  return from + ms + numDeviations * deviation;
}

function learn(times: Times | undefined, ms: number): Times {
  if (times === undefined) return { mean: ms, deviation: ms / 4 };
  times.deviation += newest * (Math.abs(ms - times.mean) - times.deviation);
  times.mean += newest * (ms - times.mean);
  return times;
}
