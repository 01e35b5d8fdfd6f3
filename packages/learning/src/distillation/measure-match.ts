import { setImmediate as nextTurn } from "node:timers/promises";
import {
  AdaedlError,
  adjust,
  defaultSamplingParams,
  matchProbability,
  rowFromLogits,
  Text,
} from "@adaedl/core";
import { readGenerationDefaults } from "@adaedl/model";
import { type ModelThread, type ModelThreadOptions, openModelThread } from "@adaedl/runtime";
import { type SampledText, sampleTexts } from "./sample-texts.ts";

type Model = Pick<ModelThreadOptions, "directory" | "weights">;

export interface MatchOptions {
  /** Models with one tokenizer. */
  readonly target: Model;
  readonly draft: Model;
  /** Token ids that texts begin with, one text each at each temperature. */
  readonly prompts: readonly (readonly number[])[];
  readonly temperatures: readonly number[];
  /** New tokens of a text; fewer where it ends early. */
  readonly numTokens: number;
  /** Of the first text; each further one has the next. */
  readonly seed: number;
}

/** Of the target's logits of texts that are measured together. */
const mostLogitBytes = 2 ** 28;

/**
 * The match probability under shared noise along texts that the target writes: in the mean of their places, exact at
 * each of them (`matchProbability`).
 * @returns by temperature
 * @throws AdaedlError where a model cannot be opened or has no room for a text, or the signal aborts
 */
export async function measureMatch(
  { target, draft, prompts, temperatures, numTokens, seed }: MatchOptions,
  signal?: AbortSignal,
): Promise<Map<number, number>> {
  const { eosTokenIds: endTokenIds } = await readGenerationDefaults(target.directory);
  await using targetThread = await openModelThread(target, signal);
  await using draftThread = await openModelThread(draft, signal);
  const bytesPerText = 4 * numTokens * targetThread.info.vocabSize;
  const numTogether = Math.max(1, Math.min(16, Math.floor(mostLogitBytes / bytesPerText)));
  const matches = new Map<number, number>();
  for (const temperature of temperatures) {
    const texts = prompts.map((prompt, index) => ({
      ...{ prompt, length: prompt.length + numTokens, temperature, seed: seed + index },
    }));
    let [sum, count] = [0, 0];
    for (let at = 0; at < texts.length; at += numTogether) {
      const some = texts.slice(at, at + numTogether);
      for (const text of await sampleTexts(targetThread, some, endTokenIds, signal)) {
        sum += await sumOfMatches(text, draftThread, signal);
        count += text.logits.length;
      }
    }
    matches.set(temperature, sum / count);
  }
  return matches;
}

async function sumOfMatches(
  { tokenIds, numPromptTokens, temperature, logits }: SampledText,
  draft: ModelThread,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (logits.length === 0) return 0;
  const sampling = { ...defaultSamplingParams, temperature };
  const settings = { sampling, seed: 0, verification: "shared-noise", numPromptTokens } as const;
  const slotId = await draft.openSlot(settings, signal);
  try {
    const reads = logits.map(
      (_, at) => ({ kind: "logits", index: numPromptTokens - 1 + at }) as const,
    );
    const step = {
      slotId,
      keep: new Text().fence(),
      tokenIds: tokenIds.slice(0, -1),
      reads,
      roundStart: 0,
    };
    const [result] = await draft.forward([step], signal);
    if (result === undefined || "error" in result)
      throw new AdaedlError(
        result?.error.code ?? "internal",
        result?.error.message ?? "the draft gave no logits",
      );
    const distributionOf = (row: Float32Array) => adjust(rowFromLogits(row), sampling);
    let sum = 0;
    for (const [at, row] of result.rows.entries()) {
      await nextTurn(); // milliseconds each, with a large vocabulary
      if (row.kind !== "logits")
        throw new AdaedlError("internal", `expected logits, got ${row.kind}`);
      sum += matchProbability(
        distributionOf(logits[at] as Float32Array),
        distributionOf(row.logits),
      );
    }
    return sum;
  } finally {
    await draft.closeSlot(slotId);
  }
}
