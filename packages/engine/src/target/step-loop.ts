import { setImmediate } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import type { ModelThread, SlotResult } from "@adaedl/runtime";
import { createPromptPace } from "../prompt-pace.ts";
import {
  createStepFormer,
  type StepCall,
  type StepFormer,
  type StepLimits,
} from "../step-former.ts";
import { createPromptShare } from "./prompt-share.ts";
import { createRowPrice } from "./row-price.ts";
import type { Sequence } from "./sequence.ts";
import type { PlanLimits, SequencePlan } from "./sequence-plan.ts";

/** A step that is over. Times in milliseconds. */
export interface StepReport {
  /** How long each text in it had waited. */
  readonly queueMs: readonly number[];
  /** How long it was held back for draft tokens that were expected. */
  readonly heldBackMs: number;
  readonly verifyMs: number;
}

export interface StepLoopOptions {
  readonly step: StepLimits;
  /** Draft tokens of a text in one step. */
  readonly longestDraft: number;
  /** Milliseconds that one forward is worth: so long, and no longer, draft tokens are waited for. */
  readonly forwardPriceMs: number;
  /** Told about each step that is over; must not throw. */
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Milliseconds of a monotonic clock: the process's own, or a benchmark's. */
  readonly now: () => number;
}

/** Who owns the sequences. */
export interface StepLoopHost {
  /** Makes room for so many rows. @throws AdaedlError when there is none */
  reserve(sequence: Sequence, numRows: number): void;
  /** A forward is over that it was in. */
  settle(sequence: Sequence): void;
  end(sequence: Sequence, error: AdaedlError): void;
  /** The model's thread is gone. */
  lost(error: AdaedlError): void;
}

/** A sequence that waits for its step. Its plan is made anew whenever a step begins. */
class Turn implements StepCall {
  readonly sequence: Sequence;
  readonly since: number;
  readonly numSlots = 1;
  readonly client: string;
  readonly deadlineAt: number;
  plan: SequencePlan | undefined;

  constructor(sequence: Sequence, since: number) {
    this.sequence = sequence;
    this.since = since;
    this.client = sequence.start.client;
    this.deadlineAt = sequence.deadlineAt;
  }

  get numTokens(): number {
    return this.plan?.tokenIds.length ?? 0;
  }

  get isPiece(): boolean {
    return this.plan?.isPiece ?? false;
  }
}

/** A text that has not decoded for so long does not wait for the model, but for its edge. */
const stillDecodesMs = 500;

type PlannedTurn = Turn & { readonly plan: SequencePlan };

/**
 * Continuous batching: while a sequence can run, steps follow each other, and each carries at least one row
 * of every sequence that can, as far as the step's limits reach; `createStepFormer` says who is next. What
 * a step holds is planned when it begins, so that the newest draft tokens are in it. Only where a forward has
 * a price, and no sequence has draft tokens, a step waits for some that are worth it.
 *
 * What shares a step does not show in the results, to the last bit. A forward that fails is tried again
 * sequence by sequence, so that one's failure is its own.
 */
export class StepLoop {
  readonly #thread: ModelThread;
  readonly #options: StepLoopOptions;
  readonly #host: StepLoopHost;
  readonly #former: StepFormer;
  readonly #pace = createPromptPace();
  readonly #price = createRowPrice();
  readonly #promptShare = createPromptShare();
  /** In the order they came in. */
  readonly #waiting = new Map<Sequence, Turn>();
  #isRunning = false;
  #wakeUp = () => {};
  /** How long the step that begins next was held back. */
  #heldBackMs = 0;
  #numForwards = 0;
  /** The texts of the last step in which some decoded, and when it was over. */
  #decoded: readonly Sequence[] = [];
  #decodedAt = Number.NEGATIVE_INFINITY;

  constructor(thread: ModelThread, options: StepLoopOptions, host: StepLoopHost) {
    this.#thread = thread;
    this.#options = options;
    this.#host = host;
    this.#former = createStepFormer(options.step);
  }

  /** Steps completed. */
  get numForwards(): number {
    return this.#numForwards;
  }

  /** The sequence can run: it will be in one of the next steps. */
  wake(sequence: Sequence): void {
    this.#wakeUp();
    if (this.#waiting.has(sequence)) return;
    this.#waiting.set(sequence, new Turn(sequence, this.#options.now()));
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#waiting.size > 0) {
      await setImmediate(); // takes in what has arrived meanwhile
      for (const sequence of this.#waiting.keys())
        if (!sequence.canRun) this.#waiting.delete(sequence);
      const until = this.#worthWaitingUntil();
      if (until !== undefined) {
        const heldAt = this.#options.now();
        await this.#wokenOrTimeout(until - heldAt);
        this.#heldBackMs += this.#options.now() - heldAt;
        continue;
      }
      const batch = this.#form();
      if (batch.length > 0) await this.#forward(batch);
    }
    this.#isRunning = false;
  }

  /** Until when all sequences gain by waiting, which share the price of the forward; undefined: one does not. */
  #worthWaitingUntil(): number | undefined {
    const priceMs = this.#options.forwardPriceMs / this.#waiting.size;
    let earliest: number | undefined;
    for (const { sequence, since } of this.#waiting.values()) {
      const until = sequence.worthWaitingUntil(priceMs, since);
      if (until === undefined) return undefined;
      earliest = Math.min(earliest ?? until, until);
    }
    return earliest;
  }

  async #wokenOrTimeout(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = () => {};
  }

  #form(): PlannedTurn[] {
    const { step, longestDraft } = this.#options;
    const maxTokens = Math.min(step.maxTokens, this.#pace.stepTokens);
    // One row for each is sure of its place; draft tokens share the rest.
    const share = Math.floor(maxTokens / Math.min(this.#waiting.size, step.maxSlots)) - 1;
    const planLimits: PlanLimits = {
      leastChance: this.#price.leastChance,
      maxDraftLength: Math.max(0, Math.min(longestDraft, share)),
      pieceLength: 0,
    };
    const turns = [...this.#waiting.values()];
    const prompts = turns.filter(({ sequence }) => sequence.isPrefilling);
    const decoding = turns.filter(({ sequence }) => !sequence.isPrefilling);
    for (const turn of decoding) turn.plan = turn.sequence.plan(planLimits);
    const maxPieceTokens = prompts.length > 0 ? this.#pieceTokensBeside(decoding) : 0;
    const pieceLength = Math.min(this.#pace.pieceLength(), maxPieceTokens);
    for (const turn of prompts)
      turn.plan = pieceLength > 0 ? turn.sequence.plan({ ...planLimits, pieceLength }) : undefined;

    const planned = turns.filter((turn): turn is PlannedTurn => turn.plan !== undefined);
    const others = turns.filter((turn) => turn.plan === undefined).map(({ client }) => client);
    const batch = this.#former.take(planned, { maxTokens, maxPieceTokens, others });
    for (const { sequence } of batch) this.#waiting.delete(sequence);
    for (const turn of batch) this.#reserve(turn);
    return batch.filter(({ sequence }) => !sequence.isEnded);
  }

  /** Tokens of prompts in a step with these turns, or with none where texts decoded until just now. */
  #pieceTokensBeside(decoding: readonly Turn[]): number {
    const isRecent = this.#options.now() - this.#decodedAt < stillDecodesMs;
    const isShared =
      isRecent && this.#decoded.some(({ isEnded, isFinished }) => !isEnded && !isFinished);
    if (decoding.length === 0 && !isShared) return Number.POSITIVE_INFINITY;
    const decodeMs = this.#decodeMs(decoding);
    if (decoding.length === 0) return this.#promptShare.tokensBefore(decodeMs ?? 0);
    return decodeMs === undefined ? 0 : this.#promptShare.tokensBeside(decodeMs);
  }

  /** What a step takes without its prompts. */
  #decodeMs(turns: readonly Turn[]): number | undefined {
    const numRows = sum(turns, ({ isPiece, numTokens }) => (isPiece ? 0 : numTokens));
    return this.#price.forwardMsOf(Math.max(1, numRows));
  }

  /** Where there is no room, the sequence ends; where there is, it may have been another one's. */
  #reserve({ sequence, plan }: PlannedTurn): void {
    if (sequence.isEnded) return;
    try {
      this.#host.reserve(sequence, plan.numRows);
    } catch (error) {
      this.#host.end(sequence, AdaedlError.from(error));
    }
  }

  async #forward(batch: readonly PlannedTurn[]): Promise<void> {
    const startedAt = this.#options.now();
    let results: readonly SlotResult[];
    try {
      results = await this.#thread.forward(batch.map(({ sequence, plan }) => sequence.begin(plan)));
    } catch (thrown) {
      const error = AdaedlError.from(thrown);
      if (error.code === "unavailable") this.#host.lost(error);
      else if (batch.length === 1)
        for (const { sequence } of batch) this.#host.end(sequence, error);
      else for (const turn of batch) if (!turn.sequence.isEnded) await this.#forward([turn]);
      return;
    }
    this.#numForwards++;
    this.#conclude(batch, results, startedAt);
  }

  #conclude(
    batch: readonly PlannedTurn[],
    results: readonly SlotResult[],
    startedAt: number,
  ): void {
    const verifyMs = this.#options.now() - startedAt;
    const heldBackMs = this.#heldBackMs;
    this.#heldBackMs = 0;
    this.#options.onStep?.({
      queueMs: batch.map(({ since }) => startedAt - since),
      heldBackMs,
      verifyMs,
    });
    let numCommitted = 0;
    for (const [index, { sequence, since }] of batch.entries()) {
      if (sequence.isEnded) continue; // during the forward
      const timing = { queueMs: startedAt - since, verifyMs, batchSize: batch.length };
      try {
        numCommitted += sequence.complete(rowsOf(results[index]), timing);
        this.#host.settle(sequence);
      } catch (error) {
        this.#host.end(sequence, AdaedlError.from(error));
      }
    }
    const numRows = sum(batch, ({ numTokens }) => numTokens);
    const numPieceTokens = sum(batch, ({ isPiece, numTokens }) => (isPiece ? numTokens : 0));
    this.#pace.observe(numRows, verifyMs);
    const decodeMs = this.#decodeMs(batch);
    if (numPieceTokens > 0 && decodeMs !== undefined)
      this.#promptShare.observe({
        ...{ numPieceTokens, forwardMs: verifyMs, decodeMs },
        isShared: numRows > numPieceTokens,
      });
    const hasPrompts = numPieceTokens > 0;
    this.#price.observe({ numRows, forwardMs: verifyMs, numCommitted, hasPrompts });
    const decoded = batch.filter(({ isPiece }) => !isPiece);
    if (decoded.length > 0) {
      this.#decoded = decoded.map(({ sequence }) => sequence);
      this.#decodedAt = this.#options.now();
    }
  }
}

function sum<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}

function rowsOf(result: SlotResult | undefined) {
  if (result === undefined) throw new AdaedlError("internal", "the model returned no result");
  if ("error" in result)
    throw new AdaedlError(result.error.code, result.error.message, result.error);
  return result.rows;
}
