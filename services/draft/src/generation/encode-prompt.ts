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
      return encodeChat({ chatTemplate, encode }, prompt.messages);
  }
}

/** Encoding megabytes takes seconds of a processor: not for a text that cannot fit. */
function checkLength(text: string, { tokenizer, contextLength }: PromptFacts): void {
  if (text.length <= contextLength * longestTokenOf(tokenizer)) return;
  throw new AdaedlError(
    "out_of_range",
    `prompt must be shorter than the target's context of ${contextLength} tokens, got ${text.length} characters`,
    { field: "prompt", value: text.length },
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
