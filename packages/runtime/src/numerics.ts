import { createHash } from "node:crypto";
import { AdaedlError, defaultSamplingParams, Text } from "@adaedl/core";
import type { ModelThread } from "./model-thread.ts";

const maxProbeTokens = 8;
/** The last rows depend on all others, by attention. */
const numRowsRead = 2;

/**
 * Takes the fingerprint of a model's arithmetic: 16 hexadecimal digits of the SHA-256 of its logits, bit for bit,
 * for a fixed probe, which costs one forward of eight tokens. It depends on the weights, their precision, the version of
 * the runtime and the kind of CPU, but not on the number of threads.
 * @returns the thread with it in `info`
 * @throws AdaedlError as `forward`
 */
export async function withNumerics(
  thread: ModelThread,
  signal?: AbortSignal,
): Promise<ModelThread> {
  const tokenIds = probeOf(thread.info);
  const numTokens = tokenIds.length;
  const slotId = await thread.openSlot(
    {
      ...{ sampling: defaultSamplingParams, seed: 0, verification: "shared-noise" },
      numPromptTokens: numTokens,
    },
    signal,
  );
  const reads = [...tokenIds.keys()]
    .slice(-numRowsRead)
    .map((index) => ({ kind: "logits" as const, index }));
  const keep = new Text([]).fence();
  const step = { slotId, keep, tokenIds, reads, roundStart: numTokens };
  const [result] = await thread.forward([step], signal).finally(() => thread.closeSlot(slotId));
  if (result === undefined || "error" in result)
    throw new AdaedlError("internal", `the probe failed: ${result?.error.message}`);
  const hash = createHash("sha256");
  for (const row of result.rows) if (row.kind === "logits") hash.update(row.logits);
  return { ...thread, info: { ...thread.info, numerics: hash.digest("hex").slice(0, 16) } };
}

/** Tokens from all over the vocabulary, as many as the context has room for. */
function probeOf({
  vocabSize,
  contextLength,
}: Pick<ModelThread["info"], "vocabSize" | "contextLength">): number[] {
  const length = Math.min(maxProbeTokens, contextLength);
  return Array.from({ length }, (_, index) => Math.floor(((index + 0.5) * vocabSize) / length));
}
