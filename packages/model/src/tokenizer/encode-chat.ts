import { AdaedlError } from "@adaedl/core";
import type { ChatMessage } from "./chat-template.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";

/**
 * Writes a conversation with the model's chat template, up to where the answer begins. Encode it with
 * `addSpecialTokens: false`: the template wrote them.
 * @param maxHoldMs see `ChatTemplate.render`
 * @throws AdaedlError `invalid_argument` (field `messages`) for a model without a template, or with
 *   one that cannot be used or refuses the messages
 */
export function writeChat(
  { chatTemplate }: Pick<ModelTokenizer, "chatTemplate">,
  messages: readonly ChatMessage[],
  maxHoldMs?: number,
): string {
  if (chatTemplate === undefined)
    throw new AdaedlError(
      "invalid_argument",
      "this model has no chat template: send a plain prompt, or add a chat_template.jinja to the " +
        "model's directory",
      { field: "messages" },
    );
  return chatTemplate.render(messages, maxHoldMs);
}

/** Writes a conversation as token ids. @throws AdaedlError as `writeChat` */
export function encodeChat(
  tokenizer: Pick<ModelTokenizer, "chatTemplate" | "encode">,
  messages: readonly ChatMessage[],
): number[] {
  return tokenizer.encode(writeChat(tokenizer, messages), { addSpecialTokens: false });
}
