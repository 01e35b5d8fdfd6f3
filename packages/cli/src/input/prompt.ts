import { createReadStream } from "node:fs";
import { addAbortSignal } from "node:stream";
import { buffer } from "node:stream/consumers";
import { throwIfAborted } from "@adaedl/core";
import type { ModelTokenizer } from "@adaedl/model";
import type { Prompt } from "@adaedl/protocol";
import { UsageError } from "../fail.ts";

/** Where the prompt comes from, as named on the command line: exactly one of the first three. */
export interface PromptOptions {
  readonly prompt?: string;
  readonly promptFile?: string;
  readonly promptIds?: readonly number[];
  readonly chat?: boolean;
}

/** The prompt as it was given. */
export type PromptInput = string | readonly number[];

/**
 * Reads the prompt; commander has seen to it that there is not more than one.
 * @throws UsageError when there is none, or it cannot be read
 */
export async function readPrompt(
  options: PromptOptions,
  signal: AbortSignal,
): Promise<PromptInput> {
  const { promptFile } = options;
  const prompt = options.prompt ?? options.promptIds;
  if (prompt !== undefined) return prompt;
  if (promptFile === undefined)
    throw new UsageError("a prompt is needed: --prompt, --prompt-file or --prompt-ids");

  const bytes = await readAll(promptFile, signal);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.replace(/\r?\n$/, ""); // the end of the file's last line, not of the prompt's
  } catch (cause) {
    throw new UsageError(`prompt file ${promptFile} is not UTF-8 text`, { cause });
  }
}

/**
 * The prompt as token ids.
 * @throws AdaedlError `invalid_argument` for `--chat` with a model that has no chat template
 */
export async function encodePrompt(
  prompt: PromptInput,
  tokenizer: ModelTokenizer,
  { chat = false }: PromptOptions,
): Promise<readonly number[]> {
  if (typeof prompt !== "string") return prompt;
  if (!chat) return tokenizer.encode(prompt);
  const { encodeChat } = await import("@adaedl/model"); // images of services have no use for it
  return encodeChat(tokenizer, [{ role: "user", content: prompt }]);
}

/** The prompt as a draft service takes it, which has the tokenizer. */
export function wirePrompt(prompt: PromptInput, { chat = false }: PromptOptions): Prompt {
  if (typeof prompt !== "string") return { type: "tokenIds", tokenIds: prompt };
  if (!chat) return { type: "text", text: prompt };
  return { type: "chat", messages: [{ role: "user", content: prompt }] };
}

async function readAll(file: string, signal: AbortSignal): Promise<Buffer> {
  const stream = file === "-" ? process.stdin : createReadStream(file);
  try {
    return await buffer(addAbortSignal(signal, stream));
  } catch (cause) {
    throwIfAborted(signal);
    const reason = (cause as Error).message.split(",")[0]; // what follows repeats the path
    throw new UsageError(`prompt file ${file} cannot be read: ${reason}`, { cause });
  }
}
