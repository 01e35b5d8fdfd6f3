import type { TargetFacts } from "@adaedl/engine";
import { encodeChat } from "@adaedl/model";
import type { Prompt } from "@adaedl/protocol";

/**
 * The prompt as token ids; a conversation is written down with the model's chat template.
 * @throws AdaedlError `invalid_argument` for a conversation without a template, or that it refuses
 */
export function encodePrompt(prompt: Prompt, { tokenizer }: TargetFacts): readonly number[] {
  switch (prompt.type) {
    case "text":
      return tokenizer.encode(prompt.text);
    case "tokenIds":
      return prompt.tokenIds;
    case "chat":
      return encodeChat(tokenizer, prompt.messages);
  }
}
