import { AdaedlError, defaultSamplingParams, type Fence, Text } from "@adaedl/core";
import type { ModelThread, RowResult, SlotResult } from "@adaedl/runtime";

/** A text that the target wrote, with its predictions. */
export interface SampledText {
  readonly tokenIds: readonly number[];
  /** How many of them were given; at least one. */
  readonly numPromptTokens: number;
  readonly temperature: number;
  /** Logits after each token from the last of the prompt to the last but one. [new tokens][vocabSize] */
  readonly logits: readonly Float32Array[];
}

/** One text to write. */
export interface TextToSample {
  /** At least one token. */
  readonly prompt: readonly number[];
  /** At most so many tokens, the prompt's included. */
  readonly length: number;
  readonly temperature: number;
  readonly seed: number;
}

/**
 * Has the target write all texts at once: a forward is a token of each.
 * @param endTokenIds a text ends with any of these
 */
export async function sampleTexts(
  target: ModelThread,
  texts: readonly TextToSample[],
  endTokenIds: readonly number[],
  signal?: AbortSignal,
): Promise<SampledText[]> {
  const slotIds: number[] = [];
  try {
    const writing = [];
    for (const { prompt, length, temperature, seed } of texts) {
      const sampling = { ...defaultSamplingParams, temperature };
      const settings = {
        sampling,
        seed,
        verification: "shared-noise",
        numPromptTokens: prompt.length,
      } as const;
      const slotId = await target.openSlot(settings, signal);
      slotIds.push(slotId);
      const logits: Float32Array[] = [];
      const isOpen = prompt.length < length;
      const text = new Text(prompt);
      writing.push({ slotId, text, length, keep: new Text().fence(), logits, isOpen });
    }
    for (
      let open = writing.filter(({ isOpen }) => isOpen);
      open.length > 0;
      open = open.filter(({ isOpen }) => isOpen)
    ) {
      const results = await target.forward(
        open.map(({ slotId, text, keep }) => stepOf(slotId, text, keep)),
        signal,
      );
      for (const [index, row] of open.entries()) {
        const { tokenId, logits } = readResult(results[index] as SlotResult);
        row.keep = row.text.fence();
        row.text.append(tokenId);
        row.logits.push(logits);
        row.isOpen = row.text.length < row.length && !endTokenIds.includes(tokenId);
      }
    }
    return writing.map(({ text, logits }, index) => {
      const { prompt, temperature } = texts[index] as TextToSample;
      return { tokenIds: text.tokenIds, numPromptTokens: prompt.length, temperature, logits };
    });
  } finally {
    await Promise.all(slotIds.map((slotId) => target.closeSlot(slotId)));
  }
}

function stepOf(slotId: number, text: Text, keep: Fence) {
  const tokenIds = text.tokenIds.slice(keep.length);
  const index = tokenIds.length - 1;
  const reads = [
    { kind: "judge", index },
    { kind: "logits", index },
  ] as const;
  return { slotId, keep, tokenIds, reads, roundStart: text.length };
}

function readResult(result: SlotResult): { tokenId: number; logits: Float32Array } {
  if ("error" in result) throw new AdaedlError(result.error.code, result.error.message);
  const [judged, read] = result.rows as [RowResult, RowResult];
  if (judged.kind !== "judge" || read.kind !== "logits")
    throw new AdaedlError(
      "internal",
      `expected a judgement and logits, got ${judged.kind} and ${read.kind}`,
    );
  return { tokenId: judged.judgement.tokenId, logits: read.logits };
}
