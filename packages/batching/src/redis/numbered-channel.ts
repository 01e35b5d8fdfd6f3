import { AdaedlError } from "@adaedl/core";

/** What one end transmits: a message or nothing, and what it acknowledges. */
export interface Envelope<Body> {
  /** Messages of the other direction that the reader at this end has taken. */
  readonly ack: number;
  /** Messages of a direction are numbered from 0. */
  readonly item?: { readonly number: number; readonly body: Body } | undefined;
}

export type ChannelEvent<Out, In> =
  | { readonly type: "send"; readonly body: Out }
  | { readonly type: "received"; readonly envelope: Envelope<In> }
  /** The reader at this end took the oldest delivered message. */
  | { readonly type: "taken" }
  /** Envelopes to the other end may have been lost. */
  | { readonly type: "resend" }
  /** Time passes. */
  | { readonly type: "tick" };

export type ChannelEffect<Out, In> =
  | { readonly type: "transmit"; readonly envelope: Envelope<Out> }
  | { readonly type: "deliver"; readonly body: In }
  /** The channel is of no use any more: the last effect. */
  | { readonly type: "broken"; readonly why: string };

/** Messages of a direction that were sent and not taken yet, and how many characters they have. */
const maxUntaken = 256;
const maxUntakenLength = 8 * 2 ** 20;
/** An end that takes so many messages without sending one acknowledges them by themselves. */
const takenPerAck = 16;
/** A lost message is sent again within a few heartbeats (two ticks each). */
const gapTicks = 20;

/**
 * One end of a reliable, ordered channel over a network that may lose, double and reorder envelopes,
 * provided that both ends are told when something may have been lost. A state machine without clock
 * or promise. The sender keeps a message until the *reader* at the other end has taken it, so one window
 * bounds what both ends hold.
 *
 * Invariants:
 * - C1 the unacknowledged messages are those from `numAcked` to `numSent`
 * - C2 the untaken messages are those from `numTaken` to `numReceived`
 * - C3 acknowledged is only what was taken
 * - C4 neither window holds more than its limits and one message
 */
export class NumberedChannel<Out, In> {
  readonly #lengthOf: (body: Out | In) => number;
  /** Kept to be sent again. */
  readonly #unacked: Out[] = [];
  readonly #outWindow = new Window();
  readonly #inWindow = new Window();
  #numSent = 0;
  #numAcked = 0;
  #numReceived = 0;
  #numTaken = 0;
  #lastAck = 0;
  /** Ticks since a message came whose predecessor is missing. */
  #numGapTicks: number | undefined;
  #isBroken = false;

  /** @param lengthOf a message's length in characters */
  constructor(lengthOf: (body: Out | In) => number) {
    this.#lengthOf = lengthOf;
  }

  /** Whether the window has room; a message sent without it breaks the channel. */
  get canSend(): boolean {
    return !this.#isBroken && !this.#outWindow.isFull;
  }

  apply(event: ChannelEvent<Out, In>): readonly ChannelEffect<Out, In>[] {
    if (this.#isBroken) return [];
    if (event.type === "send") return this.#send(event.body);
    if (event.type === "received") return this.#receive(event.envelope);
    if (event.type === "taken") return this.#take();
    if (event.type === "resend") return this.#resend();
    if (this.#numGapTicks === undefined || ++this.#numGapTicks < gapTicks) return [];
    return this.#break(`message ${this.#numReceived} was lost`);
  }

  /** @throws AdaedlError `internal` naming the invariant that does not hold */
  checkIntegrity(): void {
    const { size } = this.#outWindow;
    if (this.#unacked.length !== size || this.#numAcked + size !== this.#numSent)
      throw violated("C1", `${this.#numAcked} + ${size} of ${this.#numSent}`);
    if (this.#numTaken + this.#inWindow.size !== this.#numReceived)
      throw violated("C2", `${this.#numTaken} + ${this.#inWindow.size} of ${this.#numReceived}`);
    if (this.#lastAck > this.#numTaken)
      throw violated("C3", `${this.#lastAck} of ${this.#numTaken} are acknowledged`);
    if (Math.max(size, this.#inWindow.size) > maxUntaken)
      throw violated("C4", `${size} sent and ${this.#inWindow.size} received messages are held`);
  }

  #send(body: Out): readonly ChannelEffect<Out, In>[] {
    const { size } = this.#outWindow;
    if (this.#outWindow.isFull) return this.#break(`${size} messages are not acknowledged`);
    this.#unacked.push(body);
    this.#outWindow.add(this.#lengthOf(body));
    return [this.#transmit({ number: this.#numSent++, body })];
  }

  #receive({ ack, item }: Envelope<In>): readonly ChannelEffect<Out, In>[] {
    if (ack > this.#numSent)
      return this.#break(`${ack} messages were acknowledged, ${this.#numSent} were sent`);
    for (; this.#numAcked < ack; this.#numAcked++) {
      this.#unacked.shift();
      this.#outWindow.remove();
    }
    if (item === undefined || item.number < this.#numReceived) return []; // it came before
    if (item.number > this.#numReceived) {
      this.#numGapTicks ??= 0; // it is sent again together with what is missing
      return [];
    }
    // The sender's window holds at least what this one does.
    if (this.#inWindow.isFull) return this.#break("the sender ignored the window");
    this.#numGapTicks = undefined;
    this.#numReceived++;
    this.#inWindow.add(this.#lengthOf(item.body));
    return [{ type: "deliver", body: item.body }];
  }

  #take(): readonly ChannelEffect<Out, In>[] {
    this.#inWindow.remove();
    this.#numTaken++;
    return this.#numTaken - this.#lastAck < takenPerAck ? [] : [this.#transmit()];
  }

  #resend(): readonly ChannelEffect<Out, In>[] {
    if (this.#unacked.length === 0) return [this.#transmit()];
    return this.#unacked.map((body, index) =>
      this.#transmit({ number: this.#numAcked + index, body }),
    );
  }

  #transmit(item?: Envelope<Out>["item"]): ChannelEffect<Out, In> {
    const ack = this.#numTaken;
    this.#lastAck = ack;
    return { type: "transmit", envelope: item === undefined ? { ack } : { ack, item } };
  }

  #break(why: string): readonly ChannelEffect<Out, In>[] {
    this.#isBroken = true;
    return [{ type: "broken", why }];
  }
}

/** Counts messages and their characters. */
class Window {
  readonly #lengths: number[] = [];
  #total = 0;

  get size(): number {
    return this.#lengths.length;
  }

  get isFull(): boolean {
    return this.size >= maxUntaken || this.#total >= maxUntakenLength;
  }

  add(length: number): void {
    this.#lengths.push(length);
    this.#total += length;
  }

  remove(): void {
    this.#total -= this.#lengths.shift() ?? 0;
  }
}

function violated(invariant: string, what: string): AdaedlError {
  return new AdaedlError("internal", `numbered channel: ${invariant} is broken: ${what}`);
}
