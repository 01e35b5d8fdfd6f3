import { AdaedlError } from "../errors.ts";
import { Outbox } from "../outbox.ts";
import type { Delivered, DraftingLimits, EdgeEffect, EdgeEvent } from "../stream/edge-events.ts";
import { EdgeStream } from "../stream/edge-stream.ts";
import type { TargetMessage, VerifierSession } from "../stream/ports.ts";
import type {
  CommittedToken,
  DecodeEvent,
  DecodeParts,
  DecodeRequest,
  FallbackTokens,
} from "./output-events.ts";
import { createOutputFilter, type FinishReason } from "./output-filter.ts";
import { type FallbackReason, fallbackReasons } from "./ports.ts";

/** Tokens that the target may be ahead of the reader. */
const ahead = 64;

type CommitMessage = Extract<TargetMessage, { type: "commit" }>;
type OpenedMessage = Extract<TargetMessage, { type: "opened" }>;

const noTime = { queueMs: 0, verifyMs: 0 };

/** One text on its way: the state machine of the edge, and what makes its events and does its effects. */
export class TextRun {
  readonly events = new Outbox<DecodeEvent>();
  readonly #request: DecodeRequest;
  readonly #parts: DecodeParts;
  readonly #edge: EdgeStream;
  readonly #filter: ReturnType<typeof createOutputFilter>;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  /** Everything that runs until the end. */
  readonly #running: Promise<unknown>[] = [];
  #session: VerifierSession | undefined;
  /** What the verifier said that cannot be right. */
  #untrue: AdaedlError | undefined;
  #numRead: number;
  #obstacle: FallbackReason | undefined;
  #limits: DraftingLimits | undefined;
  #isOver = false;
  readonly #startedAt: number;
  #commitAt: number;
  #draftMs = 0;
  #draftMsAtCommit = 0;
  #numUndrafted = 0;
  /** Of prefixes computed since the last commit: it waited for them too. */
  #openingMs = noTime;
  readonly #totals = {
    ...{ numRounds: 0, numDrafted: 0, numAccepted: 0, numTargetForwards: 0 },
    ...{ numRoundTrips: 0, numReopened: -1, waitMs: 0, queueMs: 0, verifyMs: 0 },
  };

  constructor(request: DecodeRequest, parts: DecodeParts, signal: AbortSignal | undefined) {
    this.#request = request;
    this.#parts = parts;
    const { promptTokenIds, contextLength, numTokenIds, stopTokenIds } = request;
    const maxTokens = Math.min(request.maxTokens, contextLength - promptTokenIds.length);
    this.#limits = parts.drafter && parts.strategy?.limits();
    this.#filter = createOutputFilter({ ...request, maxTokens }, parts.textStream);
    this.#edge = new EdgeStream({
      promptTokenIds,
      maxLength: promptTokenIds.length + maxTokens,
      endTokenIds: stopTokenIds,
      numTokenIds,
      ahead,
      isInRounds: parts.strategy?.isInRounds ?? false,
      drafting: this.#limits,
    });
    this.#numRead = promptTokenIds.length;
    this.#signal =
      signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]);
    this.#startedAt = parts.now();
    this.#commitAt = this.#startedAt;
  }

  start(): void {
    const onAbort = () => this.#fail(AdaedlError.fromAbort(this.#signal.reason));
    if (this.#signal.aborted) onAbort();
    this.#signal.addEventListener("abort", onAbort, { once: true });
    this.#running.push(this.#listen().catch((error) => this.#fail(error)));
  }

  /** The reader has taken a token. */
  read(): void {
    this.#apply({ type: "read", length: ++this.#numRead });
  }

  /** Ends what still runs; resolves when nothing does. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#ending.abort(new AdaedlError("cancelled", "the text has ended"));
    this.#session?.close();
    await Promise.all(this.#running);
  }

  /** Follows the target, on one session after the other. */
  async #listen(): Promise<void> {
    let why: AdaedlError | undefined;
    while (!this.#isOver) {
      const { text, openingCredit } = this.#edge;
      const session = await this.#parts.verifier.open(text, openingCredit, why, this.#signal);
      this.#session = session;
      this.#totals.numReopened++;
      if (!this.#isWaitedFor) this.#totals.numRoundTrips++;
      why = new AdaedlError("unavailable", "the verifier ended the session early");
      try {
        this.#apply({ type: "opened" });
        for await (const message of session.messages) {
          if (message.type === "commit") this.#take(message);
          else if (message.type === "opened") this.#opened(message);
          if (this.#isOver || this.#untrue !== undefined) break;
        }
        why = this.#untrue ?? why;
        this.#untrue = undefined;
      } catch (error) {
        why = AdaedlError.from(error);
      } finally {
        session.close();
      }
      this.#apply({ type: "lost" });
    }
  }

  async #draft(paths: readonly (readonly number[])[]): Promise<void> {
    const { drafter, strategy, now } = this.#parts;
    if (drafter === undefined || strategy === undefined) return;
    const { text } = this.#edge;
    const startedAt = now();
    const room = this.#room;
    const { numCandidates } = strategy;
    const proposal = await drafter.propose(text, text.length, paths, numCandidates, this.#signal);
    if (this.#isOver) return;
    const ms = now() - startedAt;
    this.#draftMs += ms;
    if ("obstacle" in proposal) {
      this.#obstacle = proposal.obstacle;
      if (strategy.isInRounds) this.#totals.numRoundTrips++;
      this.#apply({ type: "draftingEnded" });
      return;
    }
    const { places } = proposal;
    const assessment = strategy.assess({ paths, places, room, ms });
    this.#apply({ type: "drafted", ...assessment, evidence: places });
    this.#updateLimits();
  }

  #take({ commit, facts }: CommitMessage): void {
    const effects = this.#edge.apply({ type: "commit", commit });
    const delivered = effects.filter((effect) => effect.type === "deliver");
    if (delivered.length > 0) this.#observe({ type: "commit", commit, facts }, delivered);
    for (const effect of effects) {
      if (this.#isOver) return; // a stop string: what the commit holds behind it is not output
      if (effect.type === "deliver") this.#deliver(effect, facts);
      else this.#perform(effect);
    }
    this.#updateLimits();
  }

  #observe({ commit, facts }: CommitMessage, delivered: readonly Delivered[]): void {
    const at = this.#parts.now();
    const elapsedMs = at - this.#commitAt;
    const draftMs = this.#draftMs - this.#draftMsAtCommit;
    const waitMs = Math.max(0, elapsedMs - draftMs);
    this.#commitAt = at;
    this.#draftMsAtCommit = this.#draftMs;
    const queueMs = facts.queueMs + this.#openingMs.queueMs;
    const verifyMs = facts.verifyMs + this.#openingMs.verifyMs;
    this.#openingMs = noTime;
    this.#totals.queueMs += queueMs;
    this.#totals.verifyMs += verifyMs;
    this.#totals.waitMs += waitMs;
    this.#totals.numTargetForwards++;
    this.#totals.numDrafted += commit.numJudged;
    if (this.#isWaitedFor) this.#totals.numRoundTrips++;
    const number = this.#totals.numRounds++;
    const story = this.#parts.strategy?.observe(commit, facts, delivered, elapsedMs);
    if (!this.#request.wantsRounds) return;
    const { draftTokens = [], endReason, entropyThreshold } = story ?? {};
    this.events.push({
      ...{ type: "round", number, guesses: draftTokens, numAccepted: commit.numAccepted },
      ...(endReason === undefined ? {} : { endReason }),
      ...(entropyThreshold === undefined ? {} : { entropyThreshold }),
      ...{ draftMs, waitMs, queueMs, verifyMs },
    });
  }

  #opened({ queueMs, verifyMs, numForwards }: OpenedMessage): void {
    this.#totals.numTargetForwards += numForwards;
    this.#openingMs = {
      queueMs: this.#openingMs.queueMs + queueMs,
      verifyMs: this.#openingMs.verifyMs + verifyMs,
    };
  }

  /** Whether each forward waits for a draft. */
  get #isWaitedFor(): boolean {
    const { strategy } = this.#parts;
    return (strategy?.isInRounds ?? false) && this.#obstacle === undefined;
  }

  #deliver({ tokenId, origin, index, evidence }: Delivered, facts: CommitMessage["facts"]): void {
    const { text, finishReason } = this.#filter(tokenId);
    if (origin === "accepted") this.#totals.numAccepted++;
    if (this.#obstacle !== undefined) this.#numUndrafted++;
    const logprob = facts.logprobs[index];
    const topLogprobs = facts.topLogprobs[index];
    const token: CommittedToken = {
      ...{ type: "token", tokenId, origin, text },
      ...(evidence === undefined ? {} : { entropy: evidence.entropy }),
      ...(logprob === undefined ? {} : { logprob }),
      ...(topLogprobs === undefined ? {} : { topLogprobs }),
    };
    this.events.push(token);
    if (finishReason !== undefined) this.#finish(finishReason);
  }

  #finish(finishReason: FinishReason): void {
    this.#apply({ type: "stop" }); // says so to the verifier, unless it knows
    this.#isOver = true;
    const none = Object.fromEntries(fallbackReasons.map((reason) => [reason, 0]));
    const undrafted = this.#obstacle === undefined ? {} : { [this.#obstacle]: this.#numUndrafted };
    const statistics = {
      ...{ ...this.#totals, draftMs: this.#draftMs },
      durationMs: this.#parts.now() - this.#startedAt,
      fallbackTokens: { ...none, ...undrafted } as FallbackTokens,
    };
    this.events.push({ type: "finished", finishReason, statistics });
    this.events.end();
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.events.end(error);
  }

  #updateLimits(): void {
    const limits = this.#parts.strategy?.limits();
    if (limits === undefined || limits === this.#limits) return;
    this.#limits = limits;
    this.#apply({ type: "limits", drafting: limits });
  }

  #apply(event: EdgeEvent): void {
    if (this.#isOver) return;
    for (const effect of this.#edge.apply(event)) this.#perform(effect);
  }

  #perform(effect: EdgeEffect): void {
    switch (effect.type) {
      case "offer":
        this.#session?.offer(effect.offer);
        return;
      case "cancel":
        this.#session?.cancel();
        return;
      case "draft":
        this.#running[1] = this.#draft(effect.paths).catch((error) => this.#fail(error));
        return;
      case "reopen":
        this.#untrue = effect.why;
    }
  }

  /** Draft tokens that fit after the text. */
  get #room(): number {
    const { promptTokenIds, maxTokens, contextLength } = this.#request;
    const maxLength = Math.min(promptTokenIds.length + maxTokens, contextLength);
    return maxLength - this.#edge.text.length - 1;
  }
}
