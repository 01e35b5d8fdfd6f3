import {
  type Candidate,
  type EdgeEffect,
  type EdgeEvent,
  EdgeStream,
  type FurtherPlace,
  Text,
} from "@adaedl/core";
import { Connection } from "./connection.ts";
import { Learner } from "./learner.ts";
import type { DownMessage, UpMessage } from "./messages.ts";
import {
  candidatesAfter,
  endTokenId,
  expectedText,
  mix,
  numSuccessorsOf,
  numTokenIds,
} from "./model.ts";
import { longestDraft, type SourceSetup, type TextRequest } from "./scenario.ts";
import type { VerifierActor } from "./verifier-actor.ts";
import { Violation, type World } from "./world.ts";

/** After this much silence an edge tries another verifier. */
const silenceMs = 1_000;
const backoffMs = 20;

/** An edge that asks for one text: reader, drafter, and streams to one verifier after the other. */
export class EdgeActor {
  readonly request: TextRequest;
  readonly #world: World;
  readonly #name: string;
  readonly #verifiers: readonly VerifierActor[];
  readonly #stream: EdgeStream;
  readonly #expected: readonly number[];
  /** [sources] */
  readonly #learners: readonly (Learner | undefined)[];
  #link: Connection<UpMessage, DownMessage> | undefined;
  #numLinks = 0;
  #stopSilence: (() => void) | undefined;
  /** Tokens that the reader was given. */
  numDelivered = 0;
  endedAtMs = Number.NaN;
  #readLength: number;
  #isReading = false;
  /** Ended well, or died. */
  isOver = false;

  constructor(
    world: World,
    request: TextRequest,
    verifiers: readonly VerifierActor[],
    index: number,
  ) {
    this.#world = world;
    this.request = request;
    this.#verifiers = verifiers;
    this.#name = `edge ${index}`;
    const { seed, promptTokenIds, maxLength, diesAtMs, sources } = request;
    this.#learners = sources.map(({ policy }) => policy && new Learner(policy));
    const end = request.stopsAt ?? maxLength;
    this.#expected = expectedText(seed, promptTokenIds, maxLength).slice(0, end);
    this.#readLength = promptTokenIds.length;
    const endTokenIds = new Set([endTokenId]);
    const numSuccessors = numSuccessorsOf(seed);
    this.#stream = new EdgeStream({ ...request, endTokenIds, numTokenIds, numSuccessors });
    world.clock.after(request.startsAtMs, () => this.#open());
    if (diesAtMs !== undefined) world.clock.after(diesAtMs, () => this.#die());
  }

  /** @throws Violation unless the text is the seed's, or its edge died */
  check(): void {
    if (!this.isOver) throw new Violation(`${this.#name} did not end`);
    if (this.request.diesAtMs !== undefined) return;
    const numExpected = this.#expected.length - this.request.promptTokenIds.length;
    if (this.numDelivered !== numExpected)
      throw new Violation(`${this.#name} got ${this.numDelivered} of ${numExpected} tokens`);
  }

  #open(): void {
    if (this.isOver) return;
    const verifier = this.#verifiers[this.#numLinks++ % this.#verifiers.length] as VerifierActor;
    const name = `${this.#name} to ${verifier.name} (${this.#numLinks})`;
    const link = new Connection<UpMessage, DownMessage>(this.#world, name);
    this.#link = link;
    link.edge = { receive: (message) => this.#receive(message), closed: () => this.#lost(link) };
    verifier.accept(link);
    const { seed, maxLength } = this.request;
    const { text, openingCredit: credit } = this.#stream;
    const tokenIds = [...text.tokenIds];
    const numSuccessors = numSuccessorsOf(seed);
    link.sendUp({ type: "open", seed, tokenIds, maxLength, credit, numSuccessors });
    this.#watchSilence();
    this.#apply({ type: "opened" });
  }

  #receive(message: DownMessage): void {
    this.#watchSilence();
    if (message.type === "commit") this.#apply(message, message.verifyMs);
    else this.#drop(); // the text would have ended with its last commit
  }

  #watchSilence(): void {
    this.#stopSilence?.();
    this.#stopSilence = this.#world.clock.after(silenceMs, () => {
      const numUnread = this.#stream.text.length - this.#readLength;
      // A verifier that waits for the reader is silent for a reason.
      if (numUnread >= this.request.ahead - 16) this.#watchSilence();
      else {
        this.#world.count("silence");
        this.#drop();
      }
    });
  }

  #lost(link: Connection<UpMessage, DownMessage>): void {
    if (link === this.#link) this.#drop();
  }

  /** Gives up the stream there is, and opens another one. */
  #drop(): void {
    if (this.#link === undefined || this.isOver) return;
    this.#closeLink();
    this.#apply({ type: "lost" });
    this.#world.clock.after(backoffMs, () => this.#open());
  }

  #end(): void {
    this.#closeLink();
    this.isOver = true;
    this.endedAtMs = this.#world.clock.now;
  }

  #closeLink(): void {
    this.#stopSilence?.();
    this.#link?.close("edge");
    this.#link = undefined;
  }

  #die(): void {
    this.#world.note(`${this.#name} dies`);
    this.#world.count("dead edge");
    this.#end();
  }

  /** @param verifyMs of a commit */
  #apply(event: EdgeEvent, verifyMs = 0): void {
    if (this.isOver) return;
    for (const [source, learner] of this.#learners.entries()) {
      const limits = learner?.newLimits();
      if (limits !== undefined) this.#apply({ type: "limits", source, limits });
    }
    const effects = this.#stream.apply(event);
    if (event.type === "commit") {
      const delivered = effects.filter((effect) => effect.type === "deliver");
      for (const [source, learner] of this.#learners.entries())
        learner?.committed(event.commit, verifyMs, delivered, source);
    }
    this.#stream.checkIntegrity();
    for (const effect of effects) if (!this.isOver) this.#perform(effect);
  }

  #perform(effect: EdgeEffect): void {
    switch (effect.type) {
      case "offer":
      case "cancel":
        this.#link?.sendUp(effect);
        return;
      case "draft":
        this.#draft(effect.source, effect.paths);
        return;
      case "deliver":
        this.#world.count(effect.origin);
        this.#deliver(effect.tokenId);
        return;
      case "reopen":
        this.#world.note(`${this.#name}: ${effect.why.message}`);
        this.#world.count("reopened for a false commit");
        this.#closeLink();
        this.#world.clock.after(backoffMs, () => this.#open());
        return;
      case "end":
        this.#end();
    }
  }

  #draft(source: number, paths: readonly (readonly number[])[]): void {
    const { seed, sources, isInRounds } = this.request;
    const setup = sources[source] as SourceSetup;
    const places = paths.map((path) => new Text([...this.#stream.text.tokenIds, ...path]));
    const ms = setup.draftMs * (1 + setup.limits.branchCost * (paths.length - 1));
    this.#world.clock.after(ms, () => {
      const known = places.map((text) => candidatesAfter(seed, source, text, setup));
      const drafted = this.#learners[source]?.drafted(known, ms) ?? {
        candidates: known,
        further: places.map((text, place) => this.#furtherAfter(source, text, known[place])),
      };
      const isLast = isInRounds && mix(seed, places[0]?.length ?? 0, 9) % 4 === 0;
      this.#apply({ type: "drafted", source, ...drafted, isLast });
    });
  }

  /** What a source that drafts in parallel says about places after the one that it was asked about. */
  #furtherAfter(source: number, before: Text, [first]: readonly Candidate[] = []): FurtherPlace[] {
    const { seed, sources } = this.request;
    const { depth, ...setup } = sources[source] as SourceSetup;
    const text = new Text(before.tokenIds);
    const further: FurtherPlace[] = [];
    let best = first;
    while (best !== undefined && further.length < depth - 1) {
      text.append(best.tokenId);
      const candidates = candidatesAfter(seed, source, text, setup);
      further.push({ candidates, evidence: { place: { candidates } } });
      [best] = candidates;
    }
    return further;
  }

  #deliver(tokenId: number): void {
    const place = this.request.promptTokenIds.length + this.numDelivered++;
    if (tokenId !== this.#expected[place])
      throw new Violation(`${this.#name} got ${tokenId} at ${place}, not ${this.#expected[place]}`);
    const numUnread = place - this.#readLength;
    if (numUnread > this.request.ahead + longestDraft)
      throw new Violation(`${this.#name} has ${numUnread} tokens that its reader did not take`);
    if (place + 1 === this.request.stopsAt) this.#stop();
    else this.#read();
  }

  /** What the same commit holds behind a stop string is not delivered. */
  #stop(): void {
    this.#apply({ type: "stop" });
    this.#end();
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const { readMs, hangsAt } = this.request;
    this.#world.clock.after(readMs + (hangsAt === this.#readLength ? 3_000 : 0), () => {
      this.#isReading = false;
      this.#readLength++;
      this.#apply({ type: "read", length: this.#readLength });
      if (this.#readLength < this.#stream.text.length) this.#read();
    });
  }
}
