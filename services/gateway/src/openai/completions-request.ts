import * as z from "zod";
import { integerWithin, optional, unsupported } from "./rules.ts";
import { maxChoices, sharedFields } from "./shared-fields.ts";

const promptRule =
  "must be a string, a list of token ids, or a list of strings or of lists of token ids, none empty";
type PromptField = string | number[] | string[] | number[][];

// Functions in place of schemas: millions of token ids are checked, up to the first wrong one.
const isText = (value: unknown) => typeof value === "string";
const isTokenIds = (value: unknown) => isListOf(value, isTokenId);
const isTokenId = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isListOf = (value: unknown, isItem: (item: unknown) => boolean, most = Infinity) =>
  Array.isArray(value) && value.length > 0 && value.length <= most && value.every(isItem);
const isPrompt = (value: unknown) =>
  isText(value) ||
  isTokenIds(value) ||
  isListOf(value, isText, maxChoices) ||
  isListOf(value, isTokenIds, maxChoices);

const tokenIds = { type: "array", items: { type: "integer", minimum: 0 }, minItems: 1 };
const several = (items: object) => ({ type: "array", items, minItems: 1, maxItems: maxChoices });
const promptForms = [{ type: "string" }, tokenIds, several({ type: "string" }), several(tokenIds)];

/** `POST /v1/completions`: every field that OpenAI documents, and ours. */
export const completionsRequest = z.strictObject(
  {
    ...sharedFields,
    prompt: z
      .unknown()
      .refine(isPrompt, { error: promptRule })
      .transform((value) => value as PromptField)
      .meta({
        description: "Text or token ids, or a list of such prompts.",
        anyOf: promptForms,
      }),
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
