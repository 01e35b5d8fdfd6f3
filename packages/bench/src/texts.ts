import {
  AdaedlError,
  adjust,
  rowFromLogits,
  type SamplingParams,
  Text,
  type TokenDistribution,
} from "@adaedl/core";
import type { ModelThread } from "@adaedl/engine";

interface TextSettings {
  readonly sampling: SamplingParams;
  readonly seed: number;
  readonly numPromptTokens: number;
}

/** The text that the target writes by itself. */
export async function writeText(
  thread: ModelThread,
  settings: TextSettings,
  promptTokenIds: readonly number[],
  numTokens: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const slotId = await thread.openSlot({ ...settings, verification: "shared-noise" }, signal);
  const text = new Text();
  let tokenIds = promptTokenIds;
  while (text.length < promptTokenIds.length + numTokens) {
    const reads = [{ kind: "judge", index: tokenIds.length - 1 }] as const;
    const step = { slotId, keep: text.fence(), tokenIds, reads, roundStart: text.length };
    const [result] = await thread.forward([step], signal);
    for (const tokenId of tokenIds) text.append(tokenId);
    if (result === undefined || "error" in result || result.rows[0]?.kind !== "judge")
      throw new AdaedlError("internal", "the target chose no token");
    tokenIds = [result.rows[0].judgement.tokenId];
  }
  await thread.closeSlot(slotId);
  return text.tokenIds;
}

/** What a model says about each token from `from` on. [text.length - from] */
export async function distributionsAlong(
  thread: ModelThread,
  text: readonly number[],
  from: number,
  sampling: SamplingParams,
  signal: AbortSignal,
): Promise<TokenDistribution[]> {
  const settings = {
    sampling,
    seed: 0,
    numPromptTokens: from,
    verification: "shared-noise",
  } as const;
  const slotId = await thread.openSlot(settings, signal);
  const tokenIds = text.slice(0, -1);
  const reads = tokenIds
    .map((_, index) => ({ kind: "logits", index }) as const)
    .filter(({ index }) => index >= from - 1);
  const step = { slotId, keep: new Text().fence(), tokenIds, reads, roundStart: 0 };
  const [result] = await thread.forward([step], signal);
  await thread.closeSlot(slotId);
  if (result === undefined || "error" in result)
    throw new AdaedlError("internal", "the model said nothing about a text");
  return result.rows.flatMap((row) =>
    row.kind === "logits" ? [adjust(rowFromLogits(row.logits), sampling)] : [],
  );
}
