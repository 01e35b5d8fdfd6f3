import { invalidField } from "@adaedl/core";
import type { TargetFacts } from "@adaedl/engine";
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
    case "chat": {
      if (tokenizer.chatTemplate === undefined)
        throw invalidField("chat", "messages", "needs a model with a chat template");
      const text = tokenizer.chatTemplate.render(prompt.messages, { addGenerationPrompt: true });
      return tokenizer.encode(text, { addSpecialTokens: false }); // the template wrote them
    }
  }
}
