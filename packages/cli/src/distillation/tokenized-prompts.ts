import { readFile } from "node:fs/promises";
import { AdaedlError } from "@adaedl/core";
import { examplePair, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { haveSameTokenizer, loadTokenizer, readGenerationDefaults } from "@adaedl/model";
import { UsageError } from "../fail.ts";

export interface PromptOptions {
  readonly target: string;
  readonly draft: string;
  /** A file with the beginning of a text in each line; default: a built-in pair's own. */
  readonly file?: string | undefined;
  /** Tokens of a text; prompts are cut to half of it. */
  readonly length: number;
}

/** Token ids that texts begin with. */
export interface TokenizedPrompts {
  /** Half of them are nothing but the token that begins a text. */
  readonly trained: readonly number[][];
  /** Not trained on, where there are enough to do without them; else the token that begins a text. */
  readonly heldOut: readonly number[][];
}

/** As many as `adaedl bench` takes, so that its texts are not trained on either. */
const numHeldOut = 16;

/**
 * @throws AdaedlError `failed_precondition` where the models have different tokenizers, or no token begins a text;
 *   UsageError for a file that cannot be read or has no prompts
 */
export async function tokenizedPrompts(
  { target, draft, file, length }: PromptOptions,
  signal: AbortSignal,
): Promise<TokenizedPrompts> {
  if (!(await haveSameTokenizer(target, draft)))
    throw new AdaedlError(
      "failed_precondition",
      `target and draft must have the same tokenizer, got ${target} and ${draft}`,
    );
  const tokenizer = await loadTokenizer(target);
  const { eosTokenIds } = await readGenerationDefaults(target);
  const begin = tokenizer.bosTokenId ?? eosTokenIds[0];
  if (begin === undefined)
    throw new AdaedlError(
      "failed_precondition",
      "the target must have a token that begins or ends a text",
    );
  const texts = file === undefined ? builtInPrompts(target) : await promptLines(file, signal);
  const byTokens = new Map<string, number[]>(); // each once: none is both trained on and held out
  for (const text of texts) {
    const tokenIds = await tokenizer.encodeInTurns(text, { signal });
    const prompt = tokenIds.slice(0, Math.floor(length / 2));
    if (prompt.length > 0) byTokens.set(prompt.join(), prompt);
  }
  const given = [...byTokens.values()];
  const numKept = given.length >= 2 * numHeldOut ? numHeldOut : 0;
  const trained = given.slice(numKept).flatMap((prompt) => [prompt, [begin]]);
  return {
    trained: trained.length > 0 ? trained : [[begin]],
    heldOut:
      numKept > 0 ? given.slice(0, numKept) : Array.from({ length: numHeldOut }, () => [begin]),
  };
}

function builtInPrompts(target: string): readonly string[] {
  const pair = examplePairNames.find((name) => examplePair(name).target === target);
  return pair === undefined ? [] : examplePrompts(pair);
}

async function promptLines(file: string, signal: AbortSignal): Promise<string[]> {
  const text = await readFile(file, { encoding: "utf8", signal }).catch((cause: Error) => {
    if (signal.aborted) throw AdaedlError.fromAbort(signal.reason);
    throw new UsageError(`--prompts ${file} cannot be read: ${cause.message}`, { cause });
  });
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new UsageError(`--prompts ${file} must have one prompt at least`);
  return lines;
}
