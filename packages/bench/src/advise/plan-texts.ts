import { invalidField, parseSamplingParams } from "@adaedl/core";
import type { TargetFacts } from "@adaedl/engine";
import { longestTried } from "../policies/grid.ts";
import type { TapeOptions } from "../policies/tape/record-tape.ts";

export interface TextOptions {
  readonly prompts: readonly string[];
  /** Where there are fewer prompts, they are used again with other seeds. */
  readonly numTexts: number;
  readonly numTokens: number;
  readonly temperature: number;
}

/** What the two model directories say of themselves. */
export type PairFacts = Readonly<
  Record<"target" | "draft", Pick<TargetFacts, "tokenizer" | "contextLength" | "vocabSize">>
>;

/**
 * The texts to be decoded, each with a seed of its own.
 * @throws AdaedlError `invalid_argument` for a temperature, or for a prompt that leaves no room
 */
export function planTexts(options: TextOptions, { target, draft }: PairFacts): TapeOptions[] {
  const { prompts, numTexts, numTokens, temperature } = options;
  const sampling = parseSamplingParams({ temperature }, target.vocabSize);
  const contextLength = Math.min(target.contextLength, draft.contextLength);
  const numFree = contextLength - numTokens - longestTried;
  return Array.from({ length: numTexts }, (_, seed) => {
    const prompt = prompts[seed % prompts.length] ?? "";
    const promptTokenIds = target.tokenizer.encode(prompt);
    if (promptTokenIds.length === 0) throw invalidField("prompt", prompt, "must not be empty");
    if (promptTokenIds.length > numFree)
      throw invalidField(
        "prompt",
        promptTokenIds.length,
        `must leave room in the pair's context of ${contextLength} tokens for ${numTokens} output tokens and ${longestTried} guesses`,
      );
    return {
      promptTokenIds,
      seed,
      sampling,
      numTokens,
      maxDraftLength: longestTried,
    };
  });
}
