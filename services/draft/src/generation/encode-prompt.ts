import { AdaedlError } from "@adaedl/core";
import type { TargetFacts } from "@adaedl/engine";
import { type EncodeOptions, encodeChat } from "@adaedl/model";
import type { Prompt } from "@adaedl/protocol";

type Tokenizer = TargetFacts["tokenizer"];
type PromptFacts = Pick<TargetFacts, "tokenizer" | "contextLength">;

/**
 * The prompt as token ids; a conversation is written down with the model's chat template. Health probes
 * and the texts of others do not wait for a long one.
 * @throws AdaedlError `invalid_argument` for a conversation without a template, or that it refuses;
 *   `out_of_range` for a text that is too long whatever its tokens are; what the signal was aborted with
 */
export async function encodePrompt(
  prompt: Prompt,
  facts: PromptFacts,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const { tokenizer } = facts;
  const { chatTemplate } = tokenizer;
  const encode = async (text: string, options: EncodeOptions = {}) => {
    checkLength(text, facts);
    return tokenizer.encodeInTurns(text, { ...options, signal });
  };
  switch (prompt.type) {
    case "text":
      return encode(prompt.text);
    case "tokenIds":
      return prompt.tokenIds;
    case "chat":
      // Writing tens of thousands of messages takes seconds of a processor.
      if (prompt.messages.length > facts.contextLength)
        throw tooLong(facts, prompt.messages.length, "messages");
      return encodeChat({ chatTemplate, encode }, prompt.messages);
  }
}

/** Encoding megabytes takes seconds of a processor: not for a text that cannot fit. */
function checkLength(text: string, facts: PromptFacts): void {
  if (text.length > facts.contextLength * longestTokenOf(facts.tokenizer))
    throw tooLong(facts, text.length, "characters");
}

function tooLong({ contextLength }: PromptFacts, value: number, unit: string): AdaedlError {
  return new AdaedlError(
    "out_of_range",
    `prompt must be shorter than the target's context of ${contextLength} tokens, got ${value} ${unit}`,
    { field: "prompt", value },
  );
}

const longestTokens = new WeakMap<Tokenizer, number>();

/** Characters that one token stands for at most; infinite where any number of unknown ones may be one token. */
function longestTokenOf(tokenizer: Tokenizer): number {
  const known = longestTokens.get(tokenizer);
  if (known !== undefined) return known;
  let longest = Number.POSITIVE_INFINITY;
  if (tokenizer.kind === "byte-level BPE" || tokenizer.kind === "BPE with byte fallback") {
    longest = 0;
    for (let id = 0; id < tokenizer.vocabSize; id++)
      longest = Math.max(longest, tokenizer.tokenOf(id)?.length ?? 0);
  }
  longestTokens.set(tokenizer, longest);
  return longest;
}
