import * as z from "zod";
import { flag, integerWithin, list, optional, text, unsupported } from "./rules.ts";
import { sharedFields } from "./shared-fields.ts";

/** In a conversation, and text parts in a message. As with OpenAI. */
const maxMessages = 2048;

const contentRule = 'must be a string or a list of {type: "text", text} parts';
const textPart = z.strictObject(
  { type: z.literal("text", { error: contentRule }), text: text(contentRule) },
  { error: contentRule },
);
const content = z.union([z.string(), list(textPart, { most: maxMessages }, contentRule)], {
  error: contentRule,
});

const noTools = "Calls of tools.";
const message = z.strictObject(
  {
    role: z
      .enum(["system", "developer", "user", "assistant"], {
        error: "must be system, developer, user or assistant",
      })
      .meta({ description: "`system`, `developer` (taken for `system`), `user` or `assistant`." }),
    content: content.meta({ description: "Text, or a list of text parts." }),
    // What clients dump of an earlier answer and send as history: empty values are taken.
    name: unsupported("Who of several speaks.", ""),
    refusal: unsupported("A refusal of the model.", ""),
    annotations: unsupported("Sources that an earlier answer cites.", []),
    reasoning_content: unsupported("What the model thought before its answer.", ""),
    reasoning: unsupported("Another name of `reasoning_content`.", ""),
    audio: unsupported("Earlier audio of the model."),
    tool_calls: unsupported(noTools, []),
    tool_call_id: unsupported(noTools, ""),
    function_call: unsupported(noTools),
  },
  { error: "must be an object of role and content" },
);

export type ChatMessageField = z.infer<typeof message>;

/** `POST /v1/chat/completions`: every field that OpenAI documents, and ours. */
export const chatRequest = z.strictObject(
  {
    ...sharedFields,
    messages: list(
      message,
      { least: 1, most: maxMessages },
      `must be a list of 1 to ${maxMessages} messages`,
    ).meta({
      description: `The conversation, at most ${maxMessages} messages; the model's chat template makes a prompt of it.`,
    }),
    max_completion_tokens: optional(
      integerWithin(1, 2 ** 31 - 1),
      "Output tokens of a choice; default: what fits into the model's context.",
    ),
    max_tokens: optional(
      integerWithin(1, 2 ** 31 - 1),
      "The older name of `max_completion_tokens`.",
    ),
    logprobs: optional(flag(), "The target's log-probability of each token."),
    top_logprobs: optional(
      integerWithin(0, 20),
      "And of so many of the most probable tokens, 0 to 20; only with `logprobs`.",
    ),
    response_format: unsupported("Structured output.", { type: "text" }),
    tools: unsupported(noTools, []),
    tool_choice: unsupported(noTools, "none", "auto"),
    parallel_tool_calls: unsupported(noTools, true, false),
    functions: unsupported(noTools, []),
    function_call: unsupported(noTools, "none", "auto"),
    modalities: unsupported("Audio output.", ["text"]),
    audio: unsupported("Audio output."),
    prediction: unsupported("Text that is probably in the output."),
    reasoning_effort: unsupported("How much to think."),
    verbosity: unsupported("How much to say."),
    web_search_options: unsupported("Searching the web."),
    moderation: unsupported("Checking prompt and output."),
    service_tier: unsupported("What to pay for.", "auto", "default"),
    store: unsupported("Keeping the answer.", false),
    metadata: unsupported("To be kept with the answer.", {}),
    prompt_cache_key: unsupported("Where to look for a cached prompt."),
    prompt_cache_retention: unsupported("How long to cache a prompt."),
    prompt_cache_options: unsupported("How to cache a prompt."),
    safety_identifier: unsupported("Whom the caller asks for: send `user`."),
  },
  { error: "must be a JSON object" },
);

export type ChatRequest = z.infer<typeof chatRequest>;
