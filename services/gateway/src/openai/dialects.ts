import type { Dialect } from "./answer.ts";
import { chatLogprobs, completionsLogprobs } from "./logprobs.ts";

/** `POST /v1/completions` */
export const completionsDialect: Dialect = {
  operation: "text_completion",
  idPrefix: "cmpl",
  object: "text_completion",
  chunkObject: "text_completion",
  wholeChoice: completionsChoice,
  deltaChoice: completionsChoice,
  logprobs: completionsLogprobs,
};

function completionsChoice(
  ...[index, { text, logprobs, finishReason }]: Parameters<Dialect["deltaChoice"]>
) {
  return { index, text, logprobs, finish_reason: finishReason };
}

/** `POST /v1/chat/completions` */
export const chatDialect: Dialect = {
  operation: "chat",
  idPrefix: "chatcmpl",
  object: "chat.completion",
  chunkObject: "chat.completion.chunk",
  wholeChoice: (index, { text, logprobs, finishReason }) => ({
    index,
    message: { role: "assistant", content: text, refusal: null },
    logprobs,
    finish_reason: finishReason,
  }),
  openingChoice: (index) => ({
    index,
    delta: { role: "assistant", content: "" },
    logprobs: null,
    finish_reason: null,
  }),
  deltaChoice: (index, { text, logprobs, finishReason }) => ({
    index,
    delta: finishReason === null ? { content: text } : {},
    logprobs,
    finish_reason: finishReason,
  }),
  logprobs: chatLogprobs,
};
