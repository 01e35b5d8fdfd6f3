import { AdaedlError } from "@adaedl/core";
import type { ChatMessage } from "@adaedl/protocol";
import type { ChatMessageField, ChatRequest } from "./chat-request.ts";
import { createJob, type Job } from "./job.ts";

/** @throws AdaedlError for fields that do not go together */
export function chatJob(request: ChatRequest): Job {
  const { max_tokens, max_completion_tokens, logprobs, top_logprobs } = request;
  if (max_tokens != null && max_completion_tokens != null && max_tokens !== max_completion_tokens)
    throw new AdaedlError(
      "invalid_argument",
      `max_tokens must be left out beside max_completion_tokens ${max_completion_tokens}, got ${max_tokens}`,
      { field: "max_tokens", value: max_tokens },
    );
  if (top_logprobs != null && logprobs !== true)
    throw new AdaedlError("invalid_argument", "top_logprobs must not be given without logprobs", {
      field: "top_logprobs",
      value: top_logprobs,
    });
  return createJob(request, {
    prompts: [{ type: "chat", messages: request.messages.map(toMessage) }],
    maxTokens: max_completion_tokens ?? max_tokens ?? undefined,
    numTopLogprobs: logprobs === true ? (top_logprobs ?? 0) : undefined,
  });
}

/** Templates know "system", which OpenAI has renamed. */
function toMessage({ role, content }: ChatMessageField): ChatMessage {
  const parts = typeof content === "string" ? [content] : content.map(({ text }) => text);
  return { role: role === "developer" ? "system" : role, content: parts.join("") };
}
