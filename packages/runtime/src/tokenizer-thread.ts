import { throwIfAborted } from "@adaedl/core";
import type { ChatMessage } from "@adaedl/model";
import type { EncodeOptions, TokenizerRequest, TokenizerThreadOptions } from "./messages.ts";
import { openWorkerChannel } from "./worker-channel.ts";
import { workerEntry } from "./worker-entry.ts";

/**
 * A tokenizer in a thread of its own, where its maker's patterns, normalizer and template may take the time
 * that they are allowed.
 */
export interface TokenizerThread extends AsyncDisposable {
  /** `ModelTokenizer.encodeInTurns`, likewise its errors. */
  encode(text: string, options: EncodeOptions, signal?: AbortSignal): Promise<number[]>;
  /** As the function of this name, likewise its errors. */
  writeChat(messages: readonly ChatMessage[], signal?: AbortSignal): Promise<string>;
  /** Whether it has ended: every question is refused with `unavailable`. */
  readonly isGone: boolean;
  close(): Promise<void>;
}

/** @throws AdaedlError when it cannot be opened, or is another than the digest says; nothing is left running then */
export async function openTokenizerThread(
  options: TokenizerThreadOptions,
  signal?: AbortSignal,
): Promise<TokenizerThread> {
  throwIfAborted(signal);
  const channel = openWorkerChannel<TokenizerRequest>(
    workerEntry("./worker/tokenizer-main"),
    options,
    "tokenizer",
  );
  try {
    await channel.opened(signal);
  } catch (error) {
    await channel.close();
    throw error;
  }
  return {
    encode: (text, options, signal) => channel.ask({ type: "encode", text, options }, signal),
    writeChat: (messages, signal) => channel.ask({ type: "writeChat", messages }, signal),
    get isGone() {
      return channel.isGone;
    },
    close: channel.close,
    [Symbol.asyncDispose]: channel.close,
  };
}
