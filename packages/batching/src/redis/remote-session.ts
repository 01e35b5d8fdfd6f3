import { AdaedlError, Outbox, type TargetMessage, type VerifierSession } from "@adaedl/core";
import type { IngressSessionCodec, SessionRoute, UpMessage } from "../session-host.ts";
import { checkLength, type DownBody, lengthOf } from "./channel-messages.ts";
import { decodeFailure } from "./messages.ts";
import { type ChannelEvent, type Envelope, NumberedChannel } from "./numbered-channel.ts";

/** A session whose target is at a worker: the ingress's end of its channel. */
export interface RemoteSession {
  readonly session: VerifierSession;
  /** Whether the target has to send something. */
  readonly isAwaited: boolean;
  apply(event: Exclude<ChannelEvent<string, DownBody>, { type: "send" | "taken" }>): void;
  /** Messages received before can still be read. */
  fail(error: AdaedlError): void;
}

export interface RemoteSessionOptions extends Pick<SessionRoute, "length" | "credit"> {
  readonly codec: Pick<IngressSessionCodec<never>, "encodeUp" | "decodeDown">;
  /** Sends an envelope to the worker; before there is one, it may drop them and `resend` later. */
  transmit(envelope: Envelope<string>): void;
  /** Called once, when the session has ended in any way. */
  onOver(): void;
}

/** @param signal closes the session */
export function createRemoteSession(
  { codec, transmit, onOver, ...begin }: RemoteSessionOptions,
  signal?: AbortSignal,
): RemoteSession {
  let { length, credit } = begin;
  let isOpen = false;
  const channel = new NumberedChannel<string, DownBody>(lengthOf);
  let isOver = false;
  /** The worker bounds it: what is not taken is not acknowledged. */
  const received = new Outbox<TargetMessage>(() => apply({ type: "taken" }));

  function end(error?: AdaedlError): void {
    if (isOver) return;
    isOver = true;
    received.end(error);
    signal?.removeEventListener("abort", onAbort);
    onOver();
  }
  const onAbort = () => end(AdaedlError.fromAbort(signal?.reason));
  signal?.addEventListener("abort", onAbort, { once: true });

  function apply(event: ChannelEvent<string, DownBody>): void {
    if (isOver) return;
    for (const effect of channel.apply(event)) {
      if (effect.type === "transmit") transmit(effect.envelope);
      else if (effect.type === "deliver") receive(effect.body);
      else end(new AdaedlError("aborted", `the channel to the worker broke: ${effect.why}`));
    }
  }

  function receive(body: DownBody): void {
    if (body.type === "end") end();
    else if (body.type === "failure") end(decodeFailure(body.failure));
    else
      try {
        const message = codec.decodeDown(body.text);
        isOpen = true; // the first message says so
        if (message.type === "commit")
          length = message.commit.position + message.commit.tokenIds.length;
        received.push(message);
      } catch (error) {
        const { message: why } = AdaedlError.from(error);
        end(new AdaedlError("internal", `the worker sent an invalid message: ${why}`));
      }
  }

  function send(message: UpMessage): void {
    if (isOver) return;
    if (message.type === "offer") credit = Math.max(credit, message.offer.credit);
    try {
      apply({ type: "send", body: checkLength(codec.encodeUp(message)) });
    } catch (error) {
      end(AdaedlError.from(error));
    }
  }

  const close = () => end(new AdaedlError("cancelled", "the session was closed"));

  async function* read(): AsyncGenerator<TargetMessage> {
    try {
      yield* received;
    } finally {
      close();
    }
  }

  return {
    get isAwaited() {
      return !isOpen || length < credit;
    },
    apply,
    fail: end,
    session: {
      offer: (offer) => send({ type: "offer", offer }),
      cancel: () => send({ type: "cancel" }),
      messages: read(),
      close,
    },
  };
}
