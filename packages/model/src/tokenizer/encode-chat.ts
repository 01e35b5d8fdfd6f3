import { AdaedlError } from "@adaedl/core";
import type { ChatMessage } from "./chat-template.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";

/**
 * Writes a conversation with the model's chat template, up to where the answer begins, as token ids.
 * @throws AdaedlError `invalid_argument` (field `messages`) for a model without a template, or with
 *   one that cannot be used or refuses the messages
 */
export function encodeChat(
  { chatTemplate, encode }: Pick<ModelTokenizer, "chatTemplate" | "encode">,
  messages: readonly ChatMessage[],
): number[] {
  if (chatTemplate === undefined)
    throw new AdaedlError(
      "invalid_argument",
      "this model has no chat template: send a plain prompt, or add a chat_template.jinja to the " +
        "model's directory",
      { field: "messages" },
    );
  const text = chatTemplate.render(messages, { addGenerationPrompt: true });
  return encode(text, { addSpecialTokens: false }); // the template wrote them
}
