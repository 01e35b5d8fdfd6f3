import { longestDraftLength, verificationRuleNames } from "@adaedl/core";
import { maxLogitBiases } from "@adaedl/protocol";
import * as z from "zod";
import {
  flag,
  integerWithin,
  list,
  numberAbove,
  numberWithin,
  optional,
  textWithin,
  unsupported,
} from "./rules.ts";

/** Of one request: prompts times `n`. */
export const maxChoices = 64;
const maxStopStrings = 16;

const maxUserLength = 256;
const maxModelLength = 512;
const maxPolicyLength = 1024;

const stopRule = `must be a string, or a list of at most ${maxStopStrings} strings, none empty`;
const stopString = z.string({ error: stopRule }).min(1, { error: stopRule });

const biasRule = "must be an object of token ids and numbers from -100 to 100";
const biases = z.record(
  z.string().regex(/^\d{1,10}$/, { error: "must have token ids as its keys" }),
  numberWithin(-100, 100),
  { error: biasRule },
);

/** Ours, in a field of their own: whoever does not know them gets what everybody gets. */
const adaedlFields = z.strictObject({
  policy: optional(
    textWithin(maxPolicyLength),
    "How to draft: `stream`, `adaedl`, `static:4`, … ([policies](policies.md)); default: the draft service's.",
  ),
  max_draft: optional(
    integerWithin(0, longestDraftLength),
    "Longest draft of a policy in rounds, 0 to 64; 0 drafts nothing. Default: what the policy wants.",
  ),
  verification: optional(
    z.enum(verificationRuleNames as ["shared-noise", "rejection"], {
      error: `must be one of ${verificationRuleNames.join(", ")}`,
    }),
    "How draft tokens are verified: `shared-noise` (default) or `rejection`.",
  ),
  draft: optional(flag(), "`false` decodes without drafts, whatever the policy."),
  details: optional(
    flag(),
    "Adds `adaedl` to the answer: the origin of each token, entropies, each commit with the draft tokens that were verified, and in a stream the frontier.",
  ),
});

/** Fields of both endpoints. */
export const sharedFields = {
  model: optional(
    textWithin(maxModelLength),
    "A model of `GET /v1/models`. May be left out where there is only one.",
  ),
  temperature: optional(
    numberWithin(0, 2),
    "0 to 2. 0 takes the most probable token; above 0, less than 0.001 counts as 0.001. Default: what the model's makers suggest, else 1.",
  ),
  top_p: optional(
    numberAbove(0, 1),
    "Keeps the fewest tokens whose probabilities reach this; above 0, at most 1.",
  ),
  seed: optional(
    integerWithin(0, Number.MAX_SAFE_INTEGER),
    "The same seed gives the same text; choice i of several has seed + i. Default: a random one, told in `speculation.seed`.",
  ),
  stop: optional(
    z.union([stopString, list(stopString, { most: maxStopStrings }, stopRule)], {
      error: stopRule,
    }),
    "Up to 16 strings that end the output. They are not part of it, also where one ends inside an accepted block.",
  ),
  n: optional(
    integerWithin(1, maxChoices),
    `Choices of each prompt; prompts times \`n\` are ${maxChoices} at most.`,
  ),
  presence_penalty: optional(numberWithin(-2, 2), "On tokens that the output has already."),
  frequency_penalty: optional(numberWithin(-2, 2), "On each occurrence of a token in the output."),
  logit_bias: optional(
    z
      .unknown()
      .refine((biases) => Object.keys(Object(biases)).length <= maxLogitBiases, {
        error: `takes at most ${maxLogitBiases} token ids`,
      })
      // Records pass over this one name.
      .refine((biases) => !Object.hasOwn(Object(biases), "__proto__"), { error: biasRule })
      .pipe(biases)
      .meta(z.toJSONSchema(biases)),
    "Added to the logits of single tokens, by token id.",
  ),
  stream: optional(flag(), "Server-sent events, ended by `[DONE]`."),
  stream_options: optional(
    z.strictObject(
      {
        include_usage: optional(flag(), "A last event with `usage`."),
        include_obfuscation: unsupported("Padding against traffic analysis.", false),
      },
      { error: "must be an object" },
    ),
    "Only with `stream`.",
  ),
  user: optional(
    textWithin(maxUserLength),
    `Whom the caller asks for; goes into the log of the request. At most ${maxUserLength} characters.`,
  ),
  // Not OpenAI's, but what clients of vLLM and llama-server send.
  top_k: optional(
    integerWithin(-1, 2 ** 31 - 1),
    "Not OpenAI's, as in vLLM: keeps the k most probable tokens; 0 or -1 keeps all.",
  ),
  min_p: optional(
    numberWithin(0, 1),
    "Not OpenAI's, as in vLLM: drops tokens less probable than this times the most probable one.",
  ),
  repetition_penalty: optional(
    numberAbove(0, 10),
    "Not OpenAI's, as in vLLM: divides the logits of tokens in prompt and output; above 0, at most 10.",
  ),
  ignore_eos: optional(flag(), "Not OpenAI's, as in vLLM: goes on after an end token."),
  adaedl: optional(adaedlFields, "Ours: how to speculate."),
};

export type AdaedlFields = z.infer<typeof adaedlFields>;
