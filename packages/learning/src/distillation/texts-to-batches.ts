import { setImmediate as nextTurn } from "node:timers/promises";
import { topTokenIds } from "@adaedl/core";
import {
  type JudgedPosition,
  needsLogits,
  type TargetPredictions,
  type TrainingBatch,
} from "../batch.ts";
import { type LossName, numTopTokens, type TrainingShape } from "../graph/training-io.ts";
import type { SampledText } from "./sample-texts.ts";

/** Batches of all texts: what the target wrote is judged, prompts are context. Lets others run in between. */
export async function textsToBatches(
  texts: readonly SampledText[],
  loss: LossName,
  { numRows, numJudged }: TrainingShape,
): Promise<TrainingBatch[]> {
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
  const batches: TrainingBatch[] = [];
  for (const group of groups) batches.push(await batchOf(group, loss));
  return batches;
}

async function batchOf(texts: readonly SampledText[], loss: LossName): Promise<TrainingBatch> {
  const judged = texts.flatMap(({ numPromptTokens, logits }, row) =>
    logits.map((_, index): JudgedPosition => ({ row, position: numPromptTokens - 1 + index })),
  );
  const rows = texts.flatMap(({ logits }) => logits);
  const target = needsLogits(loss) ? joined(rows) : await topOf(rows);
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

async function topOf(rows: readonly Float32Array[]): Promise<TargetPredictions> {
  const numTop = Math.min(numTopTokens, rows[0]?.length ?? 0);
  const topIds = new Int32Array(rows.length * numTop);
  const topLogprobs = new Float32Array(topIds.length);
  for (const [row, logits] of rows.entries()) {
    await nextTurn(); // milliseconds each, with a large vocabulary
    const ids = topTokenIds(logits, numTop);
    const peak = logits[ids[0] as number] as number;
    const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - peak), 0));
    ids.forEach((id, rank) => {
      topIds[row * numTop + rank] = id;
      topLogprobs[row * numTop + rank] = (logits[id] as number) - peak - logSum;
    });
  }
  return { topIds, topLogprobs };
}
