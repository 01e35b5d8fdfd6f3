import { AdaedlError } from "../errors.ts";
import { Outbox } from "../outbox.ts";
import type { Delivered, DraftingLimits, EdgeEffect, EdgeEvent } from "../stream/edge-events.ts";
import { EdgeStream } from "../stream/edge-stream.ts";
import type { Commit, StepFacts } from "../stream/messages.ts";
import type { DrafterKind, TargetMessage, VerifierSession } from "../stream/ports.ts";
import { entropyOf } from "./drafting-strategy.ts";
import type { CommittedToken, DecodeEvent, DecodeParts, DecodeRequest } from "./output-events.ts";
import { createOutputFilter, type FinishReason } from "./output-filter.ts";
import { TextMeter } from "./text-meter.ts";

type DraftEffect = EdgeEffect & { readonly type: "draft" };

/** Tokens that the target may be ahead of the reader. */
const ahead = 64;

/** One text on its way: the state machine of the edge, and what makes its events and does its effects. */
export class TextRun {
  readonly events = new Outbox<DecodeEvent>();
  readonly #request: DecodeRequest;
  readonly #parts: DecodeParts;
  readonly #edge: EdgeStream;
  readonly #filter: ReturnType<typeof createOutputFilter>;
  readonly #meter: TextMeter;
  readonly #maxLength: number;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  /** Everything that runs until the end. */
  readonly #running: Promise<unknown>[] = [];
  #session: VerifierSession | undefined;
  /** What the verifier said that cannot be right. */
  #untrue: AdaedlError | undefined;
  /** [sources] */
  readonly #limits: DraftingLimits[];
  #numRead: number;
  #isOver = false;

  constructor(request: DecodeRequest, parts: DecodeParts, signal: AbortSignal | undefined) {
    this.#request = request;
    this.#parts = parts;
    const { promptTokenIds, contextLength, numTokenIds, stopTokenIds, numSuccessors } = request;
    const maxTokens = Math.min(request.maxTokens, contextLength - promptTokenIds.length);
    this.#maxLength = promptTokenIds.length + maxTokens;
    const { sources = [], isInRounds = false } = parts.drafting?.strategy ?? {};
    this.#limits = sources.map((source) => source.limits());
    this.#filter = createOutputFilter({ ...request, maxTokens }, parts.textStream);
    this.#meter = new TextMeter(parts.drafting?.strategy, parts.now, parts.observer);
    this.#edge = new EdgeStream({
      promptTokenIds,
      maxLength: this.#maxLength,
      endTokenIds: stopTokenIds,
      numTokenIds,
      numSuccessors,
      ahead,
      isInRounds,
      sources: sources.map(({ kind }, source) => ({
        limits: this.#limits[source] as DraftingLimits,
        isImmediate: kind !== "model",
      })),
    });
    this.#numRead = promptTokenIds.length;
    this.#signal =
      signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]);
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
      this.#meter.sessionAsked();
      const session = await this.#parts.verifier.open(text, openingCredit, why, this.#signal);
      this.#session = session;
      why = new AdaedlError("unavailable", "the verifier ended the session early");
      try {
        this.#apply({ type: "opened" });
        for await (const message of session.messages) {
          this.#hear(message);
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

  async #draft({ source: index, paths, others }: DraftEffect): Promise<void> {
    const drafter = this.#parts.drafting?.drafters[index];
    const source = this.#parts.drafting?.strategy.sources[index];
    if (drafter === undefined || source === undefined) return;
    const { text } = this.#edge;
    const { now } = this.#parts;
    const room = this.#maxLength - text.length - 1; // the target adds a token of its own
    const startedAt = now();
    const { numCandidates } = source;
    const proposal = await drafter.propose(text, text.length, paths, numCandidates, this.#signal);
    if (this.#isOver) return;
    const ms = now() - startedAt;
    if (source.kind === "model") this.#meter.drafted(ms);
    if ("obstacle" in proposal) {
      this.#meter.draftingEnded(proposal.obstacle);
      this.#apply({ type: "draftingEnded", source: index });
      return;
    }
    const assessment = source.assess({ ...proposal, paths, others, room, ms });
    this.#apply({ type: "drafted", source: index, ...assessment });
    this.#tellFrontier();
    this.#updateLimits();
  }

  #hear(message: TargetMessage): void {
    if (message.type === "opened") this.#meter.opened(message);
    if (message.type !== "commit") return; // the text would have ended with its last commit
    const { commit, facts } = message;
    const effects = this.#edge.apply({ type: "commit", commit });
    const delivered = effects.filter((effect) => effect.type === "deliver");
    if (delivered.length > 0) {
      const distance = () => this.#edge.frontier.distance;
      const report = this.#meter.committed(commit, facts, delivered, distance);
      if (this.#request.wantsDetails) this.events.push(report);
      this.#supervise(commit);
    }
    for (const effect of effects) {
      if (this.#isOver) return; // a stop string: what the commit holds behind it is not output
      if (effect.type === "deliver") this.#deliver(effect, facts);
      else this.#perform(effect);
    }
    this.#tellFrontier();
    this.#updateLimits();
  }

  /** Tables learn before they are asked about the places after it. */
  #supervise(commit: Commit): void {
    const { successors } = commit;
    if (successors === undefined) return;
    for (const drafter of this.#parts.drafting?.drafters ?? [])
      drafter.supervise?.(this.#edge.text, { ...commit, successors });
  }

  /** As often as it moves: what waits for the reader is bounded as the draft tree and credit are. */
  #tellFrontier(): void {
    if (this.#limits.length > 0 && this.#request.wantsDetails)
      this.events.push(this.#edge.frontier);
  }

  #deliver(delivered: Delivered, facts: StepFacts): void {
    const { tokenId, origin, index } = delivered;
    const { text, finishReason } = this.#filter(tokenId);
    const logprob = facts.logprobs[index];
    const topLogprobs = facts.topLogprobs[index];
    const entropy = entropyOf(delivered);
    const drafters = this.#draftersOf(delivered);
    this.#meter.delivered(origin, drafters);
    const token: CommittedToken = {
      ...{ type: "token", tokenId, origin, text },
      ...(drafters.length === 0 ? {} : { drafters }),
      ...(entropy === undefined ? {} : { entropy }),
      ...(logprob === undefined ? {} : { logprob }),
      ...(topLogprobs === undefined ? {} : { topLogprobs }),
    };
    this.events.push(token);
    if (finishReason !== undefined) this.#finish(finishReason);
  }

  #draftersOf({ sources }: Delivered): readonly DrafterKind[] {
    const drafts = this.#parts.drafting?.strategy.sources ?? [];
    return drafts.filter((_, source) => sources.includes(source)).map(({ kind }) => kind);
  }

  #finish(finishReason: FinishReason): void {
    this.#apply({ type: "stop" }); // says so to the verifier, unless it knows
    this.#isOver = true;
    this.events.push({ type: "finished", finishReason, statistics: this.#meter.statistics() });
    this.events.end();
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.events.end(error);
  }

  #updateLimits(): void {
    for (const [source, strategy] of this.#parts.drafting?.strategy.sources.entries() ?? []) {
      const limits = strategy.limits();
      if (limits === this.#limits[source]) continue;
      this.#limits[source] = limits;
      this.#apply({ type: "limits", source, limits });
    }
  }

  #apply(event: EdgeEvent): void {
    if (this.#isOver) return;
    for (const effect of this.#edge.apply(event)) this.#perform(effect);
  }

  #perform(effect: EdgeEffect): void {
    switch (effect.type) {
      case "offer":
        this.#meter.offered(effect.offer.nodes.length);
        this.#session?.offer(effect.offer);
        return;
      case "cancel":
        this.#session?.cancel();
        return;
      case "draft":
        this.#running[1 + effect.source] = this.#draft(effect).catch((error) => this.#fail(error));
        return;
      case "reopen":
        this.#untrue = effect.why;
    }
  }
}
