import type { TargetFacts } from "@adaedl/engine";
import { type EncodeOptions, encodeChat } from "@adaedl/model";
import type { Prompt } from "@adaedl/protocol";

/**
 * The prompt as token ids; a conversation is written down with the model's chat template. Health probes
 * and the texts of others do not wait for a long one.
 * @throws AdaedlError `invalid_argument` for a conversation without a template, or that it refuses; what
 *   the signal was aborted with
 */
export async function encodePrompt(
  prompt: Prompt,
  { tokenizer }: Pick<TargetFacts, "tokenizer">,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const { chatTemplate } = tokenizer;
  const encode = (text: string, options: EncodeOptions = {}) =>
    tokenizer.encodeInTurns(text, { ...options, signal });
  switch (prompt.type) {
    case "text":
      return encode(prompt.text);
    case "tokenIds":
      return prompt.tokenIds;
    case "chat":
      return encodeChat({ chatTemplate, encode }, prompt.messages);
  }
}
