import type { Readable } from "node:stream";
import { AdaedlError } from "@adaedl/core";

/** Messages of a stream, one at a time. */
export interface Inbox<Message> {
  /**
   * The next message, or undefined at the end of the stream. One call at a time.
   * @throws AdaedlError what the stream failed with, or what a signal was aborted with
   */
  next(signal?: AbortSignal): Promise<Message | undefined>;
}

/** The stream is paused beyond this many messages that nobody has taken. */
const maxWaiting = 32;

/**
 * A reader that, unlike a stream's own iterator, lets go of the wait when a signal is aborted and does
 * not end the stream when its reader stops.
 * @param toError makes an AdaedlError of what the stream fails with
 */
export function createInbox<Message>(
  stream: Readable,
  toError: (error: Error) => AdaedlError,
  signal?: AbortSignal,
): Inbox<Message> {
  const messages: Message[] = [];
  let end: { readonly error?: AdaedlError } | undefined;
  let wake: () => void = () => {};
  const finish = (error?: AdaedlError) => {
    signal?.removeEventListener("abort", onAbort); // a signal may live longer than many streams
    end ??= error === undefined ? {} : { error };
    wake();
  };
  stream.on("data", (message: Message) => {
    messages.push(message);
    if (messages.length >= maxWaiting) stream.pause();
    wake();
  });
  stream.once("end", () => finish());
  stream.on("error", (error) => finish(toError(error)));
  const onAbort = () => finish(AdaedlError.fromAbort(signal?.reason));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });

  return {
    async next(waitSignal) {
      while (messages.length === 0 && end === undefined) {
        if (waitSignal?.aborted) throw AdaedlError.fromAbort(waitSignal.reason);
        await new Promise<void>((resolve) => {
          wake = resolve;
          waitSignal?.addEventListener("abort", wake, { once: true });
        });
        waitSignal?.removeEventListener("abort", wake);
      }
      const message = messages.shift();
      if (message !== undefined) {
        if (stream.isPaused() && messages.length < maxWaiting / 2) stream.resume();
        return message;
      }
      if (end?.error !== undefined) throw end.error;
      return undefined;
    },
  };
}
