import { AdaedlError } from "@adaedl/core";
import type { TargetFacts } from "@adaedl/engine";
import type { EncodeOptions } from "@adaedl/model";
import type { Prompt } from "@adaedl/protocol";
import type { PromptTokenizer } from "./prompt-tokenizer.ts";

type Tokenizer = TargetFacts["tokenizer"];

/**
 * What makes token ids of prompts; a conversation is written down with the model's chat template. Health
 * probes and the texts of others do not wait for a long one.
 *
 * What the function returned throws: AdaedlError `invalid_argument` for a conversation without a template, or
 * that it refuses; `out_of_range` for a text that is too long; what the signal was aborted with.
 */
export function createPromptEncoder(
  { tokenizer, contextLength }: Pick<TargetFacts, "tokenizer" | "contextLength">,
  { encode: encodeText, writeChat }: Pick<PromptTokenizer, "encode" | "writeChat">,
) {
  const maxBytes = contextLength * longestTokenOf(tokenizer);
  const tooLong = (value: number, unit: string) =>
    new AdaedlError(
      "out_of_range",
      `prompt must be shorter than the context here, ${contextLength} tokens, got ${value} ${unit}`,
      { field: "prompt", value },
    );
  /** Encoding megabytes takes seconds of a processor: not for a text that cannot fit. */
  const checkLength = (text: string) => {
    const numBytes = Buffer.byteLength(text);
    if (numBytes > maxBytes) throw tooLong(numBytes, "bytes");
  };

  return async (prompt: Prompt, signal?: AbortSignal): Promise<readonly number[]> => {
    const encode = async (text: string, options: EncodeOptions = {}) => {
      checkLength(text);
      const bounds = { ...options, maxTokens: contextLength };
      const tokenIds = await encodeText(text, bounds, signal);
      if (tokenIds.length > contextLength) throw tooLong(tokenIds.length, "tokens or more");
      return tokenIds;
    };
    switch (prompt.type) {
      case "text":
        return encode(prompt.text);
      case "tokenIds":
        return prompt.tokenIds;
      case "chat": {
        const { messages } = prompt;
        // Writing tens of thousands of messages takes seconds of a processor.
        if (messages.length > contextLength) throw tooLong(messages.length, "messages");
        for (const { content } of messages) checkLength(content);
        return encode(await writeChat(messages, signal), { addSpecialTokens: false });
      }
    }
  };
}

/** Bytes that one token stands for at most; infinite where any number of unknown ones may be one token. */
function longestTokenOf({ kind, vocabSize, bytesOf }: Tokenizer): number {
  if (kind !== "byte-level BPE" && kind !== "BPE with byte fallback") return Infinity;
  let longest = 0;
  for (let id = 0; id < vocabSize; id++) longest = Math.max(longest, bytesOf(id).length);
  return longest;
}
