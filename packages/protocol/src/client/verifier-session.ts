import { AdaedlError, type TargetMessage, type VerifierSession } from "@adaedl/core";
import { createPatience } from "../deadline.ts";
import type { VerificationStream } from "./stream-verification-client.ts";

export interface SessionOptions {
  /** How long the verifier may send nothing, progress included; it has failed then. */
  readonly silenceMs: number;
  /** Ends the session. */
  readonly signal?: AbortSignal | undefined;
}

/** The session at the other end of a stream. Progress is not passed on. */
export function toVerifierSession(
  stream: VerificationStream,
  { silenceMs, signal }: SessionOptions,
): VerifierSession {
  const patience = createPatience(signal);
  let isClosed = false;
  const close = () => {
    isClosed = true;
    patience.end(new AdaedlError("cancelled", "the session was closed"));
    stream.close();
  };
  async function* receiveAll(): AsyncGenerator<TargetMessage> {
    try {
      for (;;) {
        const message = await patience.wait(silenceMs, "the verifier sent nothing", () =>
          stream.receive(patience.signal),
        );
        if (message === undefined)
          throw new AdaedlError("unavailable", "the verifier ended the stream before the session");
        if (message.type === "progress") continue;
        yield message;
        if (message.type === "finished") return;
      }
    } catch (error) {
      if (!isClosed) throw error;
    } finally {
      close();
    }
  }
  return {
    offer: (offer) => stream.send({ type: "offer", offer }),
    cancel: () => stream.send({ type: "cancel" }),
    messages: receiveAll(),
    close,
  };
}
