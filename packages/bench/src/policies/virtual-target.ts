import {
  longestDraftLength,
  Outbox,
  type SuffixDrafter,
  type TargetEvent,
  type TargetMessage,
  TargetStream,
  type TargetTerms,
  type Text,
  type Verifier,
} from "@adaedl/core";
import { ChainPlanner, createRowPrice } from "@adaedl/engine";
import { type CostModel, forwardMs } from "./cost-model.ts";
import type { OpenModels } from "./performance.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Whatever the pair's vocabulary is. */
export const numTokenIds = 2 ** 31;

export interface VirtualTargetOptions {
  readonly clock: VirtualClock;
  readonly costs: CostModel;
  readonly judge: OpenModels["judge"];
  readonly maxLength: number;
  /** Whether commits name the target's likeliest tokens. */
  readonly isSupervising?: boolean;
  /** A forward begins with so many draft tokens. */
  readonly onForward: (numDrafted: number) => void;
  /** Opens a drafter beside the target; absent: the edge alone drafts. */
  readonly openSuffix?: ((text: Text) => SuffixDrafter) | undefined;
}

/**
 * A target at the other end of a network, with this text alone: the state machine and the limits of
 * production, on a clock that passes as the cost model says. A prompt takes no time.
 */
export function createVirtualTarget(options: VirtualTargetOptions): Verifier {
  return {
    async open(text, credit, why) {
      if (why !== undefined) throw why;
      const { maxLength } = options;
      const tokenIds = [...text.tokenIds];
      const session = new VirtualSession(options, {
        ...{ tokenIds, credit, maxLength, numTokenIds, endTokenIds: new Set<number>() },
      });
      return {
        offer: (offer) => session.send({ type: "offer", offer }),
        cancel: () => session.send({ type: "cancel" }),
        messages: session.messages,
        close: () => session.messages.end(),
      };
    },
  };
}

class VirtualSession {
  readonly messages = new Outbox<TargetMessage>();
  readonly #options: VirtualTargetOptions;
  readonly #stream: TargetStream;
  readonly #price = createRowPrice();
  readonly #planner: ChainPlanner;
  /** When the last forward was over. */
  #freeAt = 0;
  #isOpen = false;

  constructor(options: VirtualTargetOptions, terms: TargetTerms) {
    this.#options = options;
    this.#stream = new TargetStream(terms);
    this.#planner = new ChainPlanner(this.#stream, options.openSuffix?.(this.#stream.text));
    this.#arrive(() => {
      this.#isOpen = true;
      this.#tell({ type: "opened", queueMs: 0, verifyMs: 0, numForwards: 0 });
      this.#step();
    });
  }

  send(event: TargetEvent & { readonly type: "offer" | "cancel" }): void {
    this.#arrive(() => {
      this.#apply(event);
      if (event.type === "offer")
        this.#planner.offered(event.offer.base !== undefined, this.#options.clock.now);
      this.#step();
    });
  }

  #arrive(run: () => void): void {
    const { clock, costs } = this.#options;
    clock.after(costs.rttMs / 2, run);
  }

  #tell(message: TargetMessage): void {
    const { clock, costs } = this.#options;
    clock.after(costs.rttMs / 2, () => this.messages.push(message));
  }

  #apply(event: TargetEvent, verifyMs = 0): number {
    let numCommitted = 0;
    for (const effect of this.#stream.apply(event)) {
      if (effect.type === "finished") this.#tell(effect);
      else {
        numCommitted = effect.commit.tokenIds.length;
        const facts = { queueMs: 0, verifyMs, batchSize: 1, logprobs: [], topLogprobs: [] };
        this.#tell({ ...effect, facts });
      }
    }
    return numCommitted;
  }

  #step(): void {
    if (!this.#isOpen || !this.#stream.canStep) return;
    const { clock, costs, judge, onForward, isSupervising } = this.#options;
    const { forwardPriceMs = 0 } = costs;
    const until = this.#planner.worthWaitingUntil(forwardPriceMs, this.#freeAt, clock.now);
    if (until !== undefined) {
      clock.after(until - clock.now, () => this.#step());
      return;
    }
    const chain = this.#planner.plan(this.#price.leastChance, longestDraftLength);
    const verifyMs = forwardMs(costs, chain.length);
    onForward(chain.length);
    const draftTokenIds = chain.map(({ tokenId }) => tokenId);
    const numVerifierDrafted = chain.filter(({ isVerifiers }) => isVerifiers).length;
    this.#stream.apply({ type: "stepBegun", draftTokenIds, numVerifierDrafted });
    const judged = clock.outside(judge(this.#stream.text, chain));
    // What went wrong is told to the edge in place of the commit.
    judged.catch((error) => this.messages.end(error));
    judged.then(
      ({ successors, ...verdict }) =>
        clock.after(verifyMs, () => {
          const more = isSupervising ? { successors } : {};
          const numCommitted = this.#apply({ type: "stepDone", ...verdict, ...more }, verifyMs);
          this.#planner.committed(chain, verdict.numAccepted, clock.now);
          this.#freeAt = clock.now;
          const numRows = chain.length + 1;
          this.#price.observe({ numRows, forwardMs: verifyMs, numCommitted, hasPrompts: false });
          this.#step();
        }),
      () => {},
    );
  }
}
