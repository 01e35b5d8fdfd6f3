import { z } from "zod";
import { integerWithin, optional, unsupported } from "./rules.ts";
import { maxChoices, sharedFields } from "./shared-fields.ts";

const promptRule =
  "must be a string, a list of token ids, or a list of strings or of lists of token ids, none empty";
const tokenIds = z
  .array(z.int({ error: promptRule }).min(0, { error: promptRule }), { error: promptRule })
  .min(1, { error: promptRule });
const prompts = <Prompt extends z.ZodType>(prompt: Prompt) =>
  z.array(prompt).min(1, { error: promptRule }).max(maxChoices, { error: promptRule });

/** `POST /v1/completions`: every field that OpenAI documents, and ours. */
export const completionsRequest = z.strictObject(
  {
    ...sharedFields,
    prompt: z
      .union([z.string(), tokenIds, prompts(z.string()), prompts(tokenIds)], { error: promptRule })
      .meta({ description: "Text or token ids, or a list of such prompts." }),
    max_tokens: optional(
      integerWithin(1, 2 ** 31 - 1),
      "Output tokens of a choice; default 16, as with OpenAI.",
    ),
    logprobs: optional(
      integerWithin(0, 20),
      "The target's log-probability of each token and of so many of the most probable ones, 0 to 20.",
    ),
    best_of: unsupported("Choices of which the best is kept.", 1),
    echo: unsupported("The prompt in front of the output.", false),
    suffix: unsupported("Text after the output."),
  },
  { error: "must be a JSON object" },
);

export type CompletionsRequest = z.infer<typeof completionsRequest>;

/** As OpenAI has it. */
export const defaultMaxTokens = 16;
