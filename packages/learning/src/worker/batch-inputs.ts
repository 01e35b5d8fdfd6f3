import { invalidField } from "@adaedl/core";
import type { DecoderSpec } from "@adaedl/model";
import type { GraphInput } from "@adaedl/runtime/worker";
import { type JudgedPosition, needsLogits, type TrainingBatch } from "../batch.ts";
import type { TrainingGraphKind } from "../graph/training-graph.ts";
import { numTopOf, type TrainingShape, trainingInputs } from "../graph/training-io.ts";

/**
 * A batch as inputs of its graph, padded to the graph's sizes.
 * @param totalWeight each judged position counts one part of that
 * @throws AdaedlError `invalid_argument` naming the field of the batch that is wrong
 */
export function batchInputs(
  spec: DecoderSpec,
  kind: TrainingGraphKind,
  shape: TrainingShape,
  batch: TrainingBatch,
  totalWeight: number,
): Record<string, GraphInput> {
  const { numJudged } = shape;
  const data = tokensOf(spec, shape, batch.rows);
  const inputs = {
    [trainingInputs.tokenIds]: { data, dims: [data.length] },
    [trainingInputs.judged]: { data: placesOf(shape, batch), dims: [numJudged, 1] },
  };
  if (kind === "logits") return inputs;
  const weights = new Float32Array(numJudged).fill(1 / totalWeight, 0, batch.judged.length);
  return {
    ...inputs,
    [trainingInputs.judgedWeights]: { data: weights, dims: [numJudged, 1] },
    ...(needsLogits(kind) ? logitsInput(spec, shape, batch) : topTokensOf(spec, shape, batch)),
  };
}

/** @throws AdaedlError `invalid_argument` where a batch has none, or not `size` numbers */
export function targetLogitsOf({ target }: TrainingBatch, size: number): Float32Array {
  const logits = target !== undefined && "logits" in target ? target.logits : undefined;
  if (logits?.length !== size)
    throw invalidField("target.logits", logits?.length, `must be ${size} numbers`);
  return logits;
}

/** @throws AdaedlError `invalid_argument` where a batch has none */
export function topsOf({ target }: TrainingBatch) {
  if (target !== undefined && "topIds" in target) return target;
  throw invalidField("target.topIds", undefined, "must be the target's most probable tokens");
}

function logitsInput(
  { vocabSize }: DecoderSpec,
  { numJudged }: TrainingShape,
  batch: TrainingBatch,
): Record<string, GraphInput> {
  const logits = targetLogitsOf(batch, batch.judged.length * vocabSize);
  const data = padded(logits, numJudged * vocabSize);
  return { [trainingInputs.targetLogits]: { data, dims: [numJudged, vocabSize] } };
}

function topTokensOf(
  spec: DecoderSpec,
  { numJudged }: TrainingShape,
  { judged, target }: TrainingBatch,
): Record<string, GraphInput> {
  const numTop = numTopOf(spec);
  const size = judged.length * numTop;
  const known = target !== undefined && "topIds" in target ? target : undefined;
  for (const field of ["topIds", "topLogprobs"] as const)
    if (known?.[field].length !== size)
      throw invalidField(`target.${field}`, known?.[field].length, `must be ${size} numbers`);
  const { topIds, topLogprobs } = known as NonNullable<typeof known>;
  const ids = new BigInt64Array(numJudged * numTop);
  topIds.forEach((id, index) => {
    requireToken(id, "target.topIds", spec);
    ids[index] = BigInt(id);
  });
  const dims = [numJudged, numTop];
  return {
    [trainingInputs.topIds]: { data: ids, dims },
    [trainingInputs.topLogprobs]: { data: padded(topLogprobs, ids.length), dims },
  };
}

function tokensOf(
  spec: DecoderSpec,
  { numRows, length }: TrainingShape,
  rows: TrainingBatch["rows"],
): BigInt64Array {
  if (rows.length > numRows) throw invalidField("rows", rows.length, `must be at most ${numRows}`);
  const tokenIds = new BigInt64Array(numRows * length);
  rows.forEach((row, index) => {
    if (row.length > length)
      throw invalidField(`rows[${index}]`, row.length, `must have at most ${length} tokens`);
    row.forEach((tokenId, position) => {
      requireToken(tokenId, `rows[${index}]`, spec);
      tokenIds[index * length + position] = BigInt(tokenId);
    });
  });
  return tokenIds;
}

function requireToken(tokenId: number, field: string, { vocabSize }: DecoderSpec): void {
  if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= vocabSize)
    throw invalidField(field, tokenId, `must be token ids below ${vocabSize}`);
}

/** Places of the judged positions; the rest of the list is places that nobody has judged, which count nothing. */
function placesOf(
  { numRows, length, numJudged }: TrainingShape,
  { rows, judged }: TrainingBatch,
): BigInt64Array {
  if (judged.length === 0 || judged.length > numJudged)
    throw invalidField("judged", judged.length, `must be from 1 to ${numJudged} positions`);
  const places = new BigInt64Array(numJudged);
  const isTaken = new Uint8Array(numRows * length);
  judged.forEach((place: JudgedPosition, index) => {
    const { row, position } = place;
    const flat = row * length + position;
    if (!(position >= 0 && position < (rows[row]?.length ?? 0)) || isTaken[flat] === 1)
      throw invalidField(`judged[${index}]`, place, "must be a position of its row, each once");
    isTaken[flat] = 1;
    places[index] = BigInt(flat);
  });
  let free = 0;
  for (let index = judged.length; index < numJudged; index++) {
    while (isTaken[free] === 1) free++;
    places[index] = BigInt(free++);
  }
  return places;
}

function padded(values: Float32Array, size: number): Float32Array {
  if (values.length === size) return values;
  const whole = new Float32Array(size);
  whole.set(values);
  return whole;
}
