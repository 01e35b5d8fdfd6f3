import { AdaedlError } from "@adaedl/core";
import type { ChatMessage } from "./chat-template.ts";
import type { EncodeOptions, ModelTokenizer } from "./model-tokenizer.ts";

/** What of a tokenizer is needed; `encode` may be `encodeInTurns`. */
export interface ChatEncoder<Ids> extends Pick<ModelTokenizer, "chatTemplate"> {
  encode(text: string, options: EncodeOptions): Ids;
}

/**
 * Writes a conversation with the model's chat template, up to where the answer begins, as token ids.
 * @throws AdaedlError `invalid_argument` (field `messages`) for a model without a template, or with
 *   one that cannot be used or refuses the messages
 */
export function encodeChat<Ids = number[]>(
  { chatTemplate, encode }: ChatEncoder<Ids>,
  messages: readonly ChatMessage[],
): Ids {
  if (chatTemplate === undefined)
    throw new AdaedlError(
      "invalid_argument",
      "this model has no chat template: send a plain prompt, or add a chat_template.jinja to the " +
        "model's directory",
      { field: "messages" },
    );
  const text = chatTemplate.render(messages);
  return encode(text, { addSpecialTokens: false }); // the template wrote them
}
