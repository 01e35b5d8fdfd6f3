import { AdaedlError } from "@adaedl/core";
import { openTokenizerThread, type TokenizerThread } from "@adaedl/engine";
import {
  type ChatMessage,
  type EncodeOptions,
  isTooSlow,
  type ModelTokenizer,
  writeChat,
} from "@adaedl/model";
import type { Logger } from "@adaedl/telemetry";

/** Of the wall's clock: a busy machine costs a thread at worst. */
const defaultMaxHoldMs = 75;

/** What of a prompt's way to token ids its tokenizer decides. */
export interface PromptTokenizer {
  /** @throws AdaedlError as `ModelTokenizer.encodeInTurns` */
  encode(
    text: string,
    options: Pick<EncodeOptions, "addSpecialTokens"> & { readonly maxTokens: number },
    signal?: AbortSignal,
  ): Promise<readonly number[]>;
  /** @throws AdaedlError as the function of this name */
  writeChat(messages: readonly ChatMessage[], signal?: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/**
 * Encodes prompts on the event loop, a few milliseconds at a time. Patterns, normalizer and template are
 * programs of whoever made the model, and cannot be paused: once they have held the loop for too long, with
 * whatever text, this and all further prompts go to a thread of their own.
 * @param maxHoldMs how long patterns, normalizer and template may hold the event loop at a time
 */
export function createPromptTokenizer(
  tokenizer: ModelTokenizer,
  logger: Pick<Logger, "warn">,
  maxHoldMs = defaultMaxHoldMs,
): PromptTokenizer {
  let opening: Promise<TokenizerThread> | undefined;
  let isClosed = false;

  function open(): Promise<TokenizerThread> {
    const { directory, digests } = tokenizer;
    logger.warn({ directory }, "a tokenizer has held the event loop: it has a thread from now on");
    return openTokenizerThread({ directory, digest: digests.all }).catch((cause) => {
      opening = undefined;
      const reason = AdaedlError.from(cause).message;
      throw new AdaedlError("unavailable", `prompts cannot be encoded: ${reason}`, { cause });
    });
  }

  /** The thread that there is; one that has died is replaced. */
  async function provideThread(): Promise<TokenizerThread> {
    if (isClosed) throw new AdaedlError("unavailable", "this draft service is shutting down");
    opening ??= open();
    const asked = opening;
    const thread = await asked;
    if (!thread.isGone) return thread;
    if (opening === asked) opening = undefined;
    return provideThread();
  }

  async function run<T>(
    here: () => T | Promise<T>,
    there: (thread: TokenizerThread) => Promise<T>,
  ): Promise<T> {
    if (opening === undefined)
      try {
        return await here();
      } catch (error) {
        if (!isTooSlow(error)) throw error;
      }
    return there(await provideThread());
  }

  return {
    encode: (text, options, signal) =>
      run(
        () => tokenizer.encodeInTurns(text, { ...options, maxHoldMs, signal }),
        (thread) => thread.encode(text, options, signal),
      ),
    writeChat: (messages, signal) =>
      run(
        () => writeChat(tokenizer, messages, maxHoldMs),
        (thread) => thread.writeChat(messages, signal),
      ),
    async close() {
      isClosed = true;
      await opening?.then(
        (thread) => thread.close(),
        () => {}, // it was not opened
      );
    },
  };
}
