import { topTokenIds } from "@adaedl/core";
import {
  type JudgedPosition,
  needsLogits,
  type TargetPredictions,
  type TrainingBatch,
} from "../batch.ts";
import { type LossName, numTopTokens, type TrainingShape } from "../graph/training-io.ts";
import type { SampledText } from "./sample-texts.ts";

/** Batches of all texts: what the target wrote is judged, prompts are context. */
export function textsToBatches(
  texts: readonly SampledText[],
  loss: LossName,
  { numRows, numJudged }: TrainingShape,
): TrainingBatch[] {
  const groups: SampledText[][] = [];
  let [group, count]: [SampledText[], number] = [[], 0];
  for (const text of texts) {
    if (text.logits.length === 0) continue;
    if (groups.length === 0 || group.length === numRows || count + text.logits.length > numJudged) {
      [group, count] = [[], 0];
      groups.push(group);
    }
    group.push(text);
    count += text.logits.length;
  }
  return groups.map((group) => batchOf(group, loss));
}

function batchOf(texts: readonly SampledText[], loss: LossName): TrainingBatch {
  const judged = texts.flatMap(({ numPromptTokens, logits }, row) =>
    logits.map((_, index): JudgedPosition => ({ row, position: numPromptTokens - 1 + index })),
  );
  const rows = texts.flatMap(({ logits }) => logits);
  const target = needsLogits(loss) ? joined(rows) : topOf(rows);
  return { rows: texts.map(({ tokenIds }) => tokenIds), judged, target };
}

function joined(rows: readonly Float32Array[]): TargetPredictions {
  const size = rows[0]?.length ?? 0;
  const logits = new Float32Array(rows.length * size);
  rows.forEach((row, index) => {
    logits.set(row, index * size);
  });
  return { logits };
}

function topOf(rows: readonly Float32Array[]): TargetPredictions {
  const numTop = Math.min(numTopTokens, rows[0]?.length ?? 0);
  const topIds = new Int32Array(rows.length * numTop);
  const topLogprobs = new Float32Array(topIds.length);
  rows.forEach((logits, row) => {
    const ids = topTokenIds(logits, numTop);
    const peak = logits[ids[0] as number] as number;
    const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - peak), 0));
    ids.forEach((id, rank) => {
      topIds[row * numTop + rank] = id;
      topLogprobs[row * numTop + rank] = (logits[id] as number) - peak - logSum;
    });
  });
  return { topIds, topLogprobs };
}
