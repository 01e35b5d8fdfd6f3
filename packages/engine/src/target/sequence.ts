import {
  AdaedlError,
  Outbox,
  type SuffixDrafter,
  type TargetCounts,
  type TargetEvent,
  type TargetMessage,
  TargetStream,
  type Text,
  verdictOf,
} from "@adaedl/core";
import type { ModelInfo, RowResult, SlotStep } from "@adaedl/runtime";
import { ChainPlanner } from "./chain-planner.ts";
import { type PlanLimits, readsOf, type SequencePlan } from "./sequence-plan.ts";
import type { TextStart } from "./text-start.ts";

/** What the edge says of a text. */
export type EdgeWord = Exclude<TargetEvent, { type: "stepBegun" | "stepDone" }>;

/** How the step went that a text was in. Times in milliseconds. */
export interface SequenceTiming {
  readonly queueMs: number;
  readonly verifyMs: number;
  readonly batchSize: number;
}

/** Messages that may wait for who reads them: a text is not decoded far ahead, whatever its credit. */
const maxUnread = 64;

/** Draft models may know tokens that the target does not (padding): such are rejected, not refused. */
const numTokenIds = 2 ** 31;

/**
 * One text on the target: what is committed and offered (`TargetStream`), the slot that holds its rows,
 * and what is told of it. It waits for a slot, computes its prefix, decodes, and ends.
 */
export class Sequence {
  readonly start: TextStart;
  /** When it came, and until when it is of use, by the engine's clock. */
  readonly openedAt: number;
  readonly deadlineAt: number;
  readonly outbox: Outbox<TargetMessage>;
  readonly #info: ModelInfo;
  readonly #now: () => number;
  readonly #stream: TargetStream;
  readonly #planner: ChainPlanner;
  readonly #ending = new AbortController();
  #state: "waiting" | "prefilling" | "decoding" = "waiting";
  #slotId: number | undefined;
  /** The slot holds the rows of so many tokens of the text. What is behind them is rolled back. */
  #numRows = 0;
  #running: SequencePlan | undefined;
  #hasCommitted = false;
  #opening = { queueMs: 0, verifyMs: 0, numForwards: 0 };

  /**
   * @param counts where it counts what it is offered and commits
   * @param onReadAgain called when it can run again because its messages were read
   * @param openSuffix opens a drafter beside the target; absent: the edge alone drafts
   */
  constructor(
    start: TextStart,
    info: ModelInfo,
    counts: TargetCounts,
    now: () => number,
    onReadAgain: () => void,
    openSuffix?: (text: Text, start: TextStart) => SuffixDrafter,
  ) {
    this.start = start;
    this.#now = now;
    this.openedAt = now();
    this.outbox = new Outbox(() => {
      if (this.outbox.size === maxUnread - 1) onReadAgain();
    });
    this.deadlineAt = this.openedAt + (start.deadlineMs ?? Number.POSITIVE_INFINITY);
    this.#info = info;
    const isInRounds = start.settings.verification === "rejection";
    this.#stream = new TargetStream({ ...start, numTokenIds, isInRounds }, counts);
    const isAlone = isInRounds || start.edgeDraftsOnly;
    const suffix = isAlone ? undefined : openSuffix?.(this.#stream.text, start);
    this.#planner = new ChainPlanner(this.#stream, suffix);
  }

  get text(): Text {
    return this.#stream.text;
  }

  /** Whether everything has been said. */
  get isFinished(): boolean {
    return this.#stream.isFinished;
  }

  get isEnded(): boolean {
    return this.ended.aborted;
  }

  /** Aborted at the end, whatever that is. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** Whether it can be in a step that begins now. */
  get canRun(): boolean {
    if (this.isEnded || this.#running !== undefined || this.outbox.size >= maxUnread) return false;
    return this.isPrefilling || (this.#state === "decoding" && this.#stream.canStep);
  }

  get isPrefilling(): boolean {
    return this.#state === "prefilling";
  }

  /** Whether it could go on if its edge gave credit, or read what was committed. */
  get waitsForEdge(): boolean {
    return this.#state === "decoding" && this.#running === undefined && !this.canRun;
  }

  get hasCommitted(): boolean {
    return this.#hasCommitted;
  }

  /** @param slotId empty, to close when the text ends */
  attach(slotId: number): void {
    this.#slotId = slotId;
    this.#state = "prefilling";
    this.#opening.queueMs = this.#now() - this.openedAt;
    this.#seeWhetherOpened();
  }

  /** @throws AdaedlError what `TargetStream` does */
  apply(event: EdgeWord): void {
    for (const effect of this.#stream.apply(event))
      if (effect.type === "finished") this.outbox.push(effect);
    if (event.type === "offer") this.#planner.offered(event.offer.base !== undefined, this.#now());
  }

  /** See `ChainPlanner`. */
  worthWaitingUntil(priceMs: number, since: number): number | undefined {
    if (this.isPrefilling) return undefined;
    return this.#planner.worthWaitingUntil(priceMs, since, this.#now());
  }

  /** Changes nothing. */
  plan({ leastChance, maxDraftLength, pieceLength }: PlanLimits): SequencePlan {
    const { tokenIds: text } = this.#stream.text;
    if (this.isPrefilling) {
      const end = Math.min(this.#numRows + pieceLength, text.length - 1);
      const tokenIds = text.slice(this.#numRows, end);
      return { tokenIds, chain: [], isPiece: true, numRows: end };
    }
    let chain = this.#planner.plan(leastChance, maxDraftLength);
    const { vocabSize } = this.#info;
    const firstUnknown = chain.findIndex(({ tokenId }) => tokenId >= vocabSize);
    if (firstUnknown >= 0) chain = chain.slice(0, firstUnknown + 1);
    const known = firstUnknown < 0 ? chain : chain.slice(0, firstUnknown);
    const tokenIds = [...text.slice(this.#numRows), ...known.map(({ tokenId }) => tokenId)];
    return { tokenIds, chain, isPiece: false, numRows: this.#numRows + tokenIds.length };
  }

  /** A forward begins with `plan`; the same once more when that failed. */
  begin(plan: SequencePlan): SlotStep {
    this.#running = plan;
    const { tokenIds, chain, isPiece } = plan;
    const { text } = this.#stream;
    if (!isPiece) {
      const draftTokenIds = chain.map(({ tokenId }) => tokenId);
      const numVerifierDrafted = chain.filter(({ isVerifiers }) => isVerifiers).length;
      this.#stream.apply({ type: "stepBegun", draftTokenIds, numVerifierDrafted });
    }
    const slotId = this.#slotId as number;
    const keep = text.fence(this.#numRows);
    return { slotId, keep, tokenIds, reads: readsOf(plan), roundStart: text.length };
  }

  /**
   * The forward is over.
   * @returns how many tokens were committed
   */
  complete(rows: readonly RowResult[], timing: SequenceTiming): number {
    const plan = this.#running as SequencePlan;
    this.#running = undefined;
    if (!plan.isPiece) return this.#commit(plan, rows, timing);
    this.#numRows = plan.numRows;
    this.#opening.queueMs += timing.queueMs;
    this.#opening.verifyMs += timing.verifyMs;
    this.#opening.numForwards++;
    this.#seeWhetherOpened();
    return 0;
  }

  /** @returns the slot to close, where there is one */
  end(error?: AdaedlError): number | undefined {
    this.#ending.abort();
    this.outbox.end(error);
    return this.#slotId;
  }

  #seeWhetherOpened(): void {
    if (this.#numRows < this.#stream.text.length - 1) return;
    this.#state = "decoding";
    this.outbox.push({ type: "opened", ...this.#opening, numerics: this.#info.numerics });
  }

  #commit({ chain }: SequencePlan, rows: readonly RowResult[], timing: SequenceTiming): number {
    const judged = rows.map((row) => {
      if (row.kind !== "judge") throw new AdaedlError("internal", "the target did not judge");
      return row;
    });
    const { numAccepted, nextTokenId } = verdictOf(judged.map(({ judgement }) => judgement));
    this.#hasCommitted = true;
    this.#numRows = this.#stream.text.length + numAccepted;
    let numCommitted = 0;
    const successors = judged.flatMap(({ successors }) => (successors ? [successors] : []));
    const done = {
      ...{ type: "stepDone" as const, numAccepted, nextTokenId },
      ...(this.start.settings.numSuccessors ? { successors } : {}),
    };
    for (const effect of this.#stream.apply(done)) {
      if (effect.type === "finished") this.outbox.push(effect);
      else {
        numCommitted = effect.commit.tokenIds.length; // an end token may have cut the chain
        this.outbox.push({
          ...effect,
          facts: this.#factsOf(judged.slice(0, numCommitted), timing),
        });
      }
    }
    this.#planner.committed(chain, numAccepted, this.#now());
    return numCommitted;
  }

  #factsOf(rows: readonly (RowResult & { kind: "judge" })[], timing: SequenceTiming) {
    const { wantsLogprobs = false, numTopLogprobs = 0 } = this.start.settings;
    const logprobs = wantsLogprobs ? rows.map(({ logprob }) => logprob as number) : [];
    const wantsTop = wantsLogprobs && numTopLogprobs > 0;
    const topLogprobs = wantsTop ? rows.map(({ topLogprobs = [] }) => topLogprobs) : [];
    return { ...timing, logprobs, topLogprobs };
  }
}
