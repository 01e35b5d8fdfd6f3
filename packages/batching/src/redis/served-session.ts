import { AdaedlError, type VerifierSession } from "@adaedl/core";
import type { WorkerSessionCodec } from "../session-host.ts";
import { checkLength, type DownBody, lengthOf } from "./channel-messages.ts";
import { encodeFailure } from "./messages.ts";
import { type ChannelEvent, type Envelope, NumberedChannel } from "./numbered-channel.ts";
import { orAborted } from "./or-aborted.ts";

/** A session of an ingress at this worker: the worker's end of its channel. */
export interface ServedSession {
  /** Whether the target has not said anything yet: it waits, or computes a prefix. */
  readonly isOpening: boolean;
  apply(event: Exclude<ChannelEvent<DownBody, string>, { type: "send" | "taken" }>): void;
  /** Closes the session at the target; nothing is sent any more. */
  close(): void;
}

export interface ServedSessionOptions {
  readonly codec: Pick<WorkerSessionCodec<never>, "decodeUp" | "encodeDown">;
  /** Opens the session at the target. @throws AdaedlError, which the ingress gets */
  open(): VerifierSession;
  transmit(envelope: Envelope<DownBody>): void;
  /** The channel cannot be used any more. */
  onBroken(error: AdaedlError): void;
}

/** Opens the session, and carries messages both ways until its end is sent or it is closed. */
export function serveSession(options: ServedSessionOptions): ServedSession {
  const { codec, transmit, onBroken } = options;
  const channel = new NumberedChannel<DownBody, string>(lengthOf);
  const closed = new AbortController();
  /** Aborted when the session is over at the target, with why if it did not end by itself. */
  const over = new AbortController();
  let target: VerifierSession | undefined;
  let isOpening = true;
  let wake = () => {};

  function apply(event: ChannelEvent<DownBody, string>): void {
    for (const effect of channel.apply(event)) {
      if (effect.type === "transmit") transmit(effect.envelope);
      else if (effect.type === "deliver") {
        receive(effect.body);
        apply({ type: "taken" });
      } else
        onBroken(new AdaedlError("aborted", `the channel to the ingress broke: ${effect.why}`));
    }
    wake();
  }

  function closeTarget(why?: AdaedlError): void {
    over.abort(why);
    target?.close();
  }

  function receive(text: string): void {
    if (over.signal.aborted) return;
    try {
      const message = codec.decodeUp(text);
      if (message.type === "offer") target?.offer(message.offer);
      else target?.cancel();
    } catch (error) {
      closeTarget(AdaedlError.from(error));
    }
  }

  /** Waits for room in the channel's window. */
  async function send(body: DownBody): Promise<void> {
    while (!channel.canSend && !closed.signal.aborted)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    if (!closed.signal.aborted) apply({ type: "send", body });
  }

  async function pump(): Promise<void> {
    let last: DownBody = { type: "end" };
    try {
      target = options.open();
      const messages = target.messages[Symbol.asyncIterator]();
      for (;;) {
        const next = await orAborted(messages.next(), over.signal);
        if (next.done) break;
        isOpening = false;
        await send({ type: "message", text: checkLength(codec.encodeDown(next.value)) });
      }
    } catch (error) {
      last = { type: "failure", failure: encodeFailure(error) };
    } finally {
      isOpening = false;
      closeTarget();
    }
    await send(last);
  }
  void pump();

  return {
    get isOpening() {
      return isOpening;
    },
    apply,
    close() {
      closed.abort();
      closeTarget();
      wake();
    },
  };
}
