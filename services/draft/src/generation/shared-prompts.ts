import { createHash } from "node:crypto";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { Prompt } from "@adaedl/protocol";

type TokenIds = readonly number[];

/** Encodes a prompt; the signal is aborted when nobody waits for it any more. */
type Encode = (prompt: Prompt, signal: AbortSignal) => Promise<TokenIds>;

interface SharedPrompt {
  readonly tokenIds: Promise<TokenIds>;
  readonly ending: AbortController;
  numWaiting: number;
  isEncoded: boolean;
}

/** Prompts that are kept after they were encoded. */
const maxKept = 16;

/**
 * Encodes each prompt once for all requests that have it at a time, and shortly after: the choices of a request
 * of the gateway, `n` of them, are requests of their own here.
 * @returns the token ids of a prompt
 * @throws AdaedlError what `encode` throws, or what the signal was aborted with
 */
export function createSharedPrompts(
  encode: Encode,
): (prompt: Prompt, signal: AbortSignal) => Promise<TokenIds> {
  const prompts = new Map<string, SharedPrompt>();

  function begin(key: string, prompt: Prompt): SharedPrompt {
    const ending = new AbortController();
    const tokenIds = encode(prompt, ending.signal);
    const shared = { tokenIds, ending, numWaiting: 0, isEncoded: false };
    prompts.set(key, shared);
    tokenIds.then(
      () => {
        shared.isEncoded = true;
        const kept = [...prompts].filter(([, { isEncoded }]) => isEncoded);
        for (const [oldest] of kept.slice(0, -maxKept)) prompts.delete(oldest);
      },
      () => forget(key, shared),
    );
    return shared;
  }
  function forget(key: string, shared: SharedPrompt): void {
    if (prompts.get(key) === shared) prompts.delete(key);
  }

  return async (prompt, signal) => {
    if (prompt.type === "tokenIds") return prompt.tokenIds;
    throwIfAborted(signal);
    const key = createHash("sha256").update(JSON.stringify(prompt)).digest("base64");
    const shared = prompts.get(key) ?? begin(key, prompt);
    shared.numWaiting++;
    try {
      return await unlessAborted(shared.tokenIds, signal);
    } finally {
      if (--shared.numWaiting === 0 && !shared.isEncoded) {
        forget(key, shared);
        shared.ending.abort(new AdaedlError("cancelled", "nobody waits for the prompt any more"));
      }
    }
  };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(AdaedlError.fromAbort(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
