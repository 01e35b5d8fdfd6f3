import { modelDirectory } from "../models.ts";

/** How often a draft chooses its target's token. */
export interface MatchReport {
  /** Its directory. */
  readonly target: string;
  readonly numTexts: number;
  /** Tokens that the target writes of each. */
  readonly numTokens: number;
  /** The match probability at some temperatures, 0 to 1. */
  readonly matches: readonly { readonly temperature: number; readonly match: number }[];
}

const temperatures = [0, 0.7, 1];
const numTokens = 128;
const mostPromptTokens = 80;
/** The default of `adaedl distill`. */
const seed = 1;

/**
 * Measures it along texts that the target writes from held-out prompts of a built-in pair, or from nothing.
 * @throws AdaedlError `failed_precondition` where the two have different tokenizers
 */
export async function matchWith(
  name: string,
  draft: string,
  signal: AbortSignal,
): Promise<MatchReport> {
  const target = modelDirectory(name);
  const { tokenizedPrompts } = await import("../distillation/tokenized-prompts.ts");
  const { heldOut } = await tokenizedPrompts(
    { target, draft, length: 2 * mostPromptTokens },
    signal,
  );
  const { measureMatch } = await import("@adaedl/learning");
  const matches = await measureMatch(
    {
      ...{ target: { directory: target }, draft: { directory: draft } },
      ...{ prompts: heldOut, temperatures, numTokens, seed },
    },
    signal,
  );
  return {
    ...{ target, numTexts: heldOut.length, numTokens },
    matches: [...matches].map(([temperature, match]) => ({ temperature, match })),
  };
}
