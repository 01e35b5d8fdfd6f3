import type { TokenLogprob } from "@adaedl/core";
import type { DecoderSpec } from "@adaedl/model";
import type { TrainingBatch } from "../batch.ts";
import { numTopOf, type TrainingShape } from "../graph/training-io.ts";

/** The end of a text, with the target's predictions of some of its tokens. */
export interface JudgedText {
  readonly tokenIds: readonly number[];
  /** Indices of tokens whose next one is predicted, ascending; at least one. */
  readonly positions: readonly number[];
  /** As in a `TrainingBatch`. [positions, numTop] each */
  readonly topIds: Int32Array;
  readonly topLogprobs: Float32Array;
}

/** Texts of one batch. A text is cut to so many tokens, of which the latest may be judged: at most 20 kB of predictions. */
export const onlineShape: TrainingShape = { numRows: 4, length: 256, numJudged: 512 };
const maxJudged = onlineShape.numJudged / onlineShape.numRows;

/**
 * What a text can teach. Predictions that cannot be right are left out: a verifier that lies costs speed at most.
 * @param tops the target's most probable tokens in the place of a token, by its index in the text
 * @returns undefined where that is nothing
 */
export function judgedTextOf(
  text: readonly number[],
  tops: ReadonlyMap<number, readonly TokenLogprob[]>,
  spec: Pick<DecoderSpec, "vocabSize">,
): JudgedText | undefined {
  const start = Math.max(0, text.length - onlineShape.length);
  const tokenIds = text.slice(start);
  if (tokenIds.some((tokenId) => tokenId >= spec.vocabSize)) return undefined;
  const numTop = numTopOf(spec);
  const judged = tokenIds
    .flatMap((_, index) => {
      const top = index === 0 ? undefined : tops.get(start + index)?.slice(0, numTop);
      return top && isSound(top, numTop, spec) ? [{ position: index - 1, top }] : [];
    })
    .slice(-maxJudged);
  if (judged.length === 0) return undefined;
  const all = judged.flatMap(({ top }) => top);
  return {
    tokenIds,
    positions: judged.map(({ position }) => position),
    topIds: Int32Array.from(all, ({ tokenId }) => tokenId),
    topLogprobs: Float32Array.from(all, ({ logprob }) => Math.max(leastLogprob, logprob)),
  };
}

/** In place of the logarithm of 0. */
const leastLogprob = -100;
const mostMass = 1.001;

function isSound(
  top: readonly TokenLogprob[],
  numTop: number,
  { vocabSize }: Pick<DecoderSpec, "vocabSize">,
): boolean {
  const mass = top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
  const ids = new Set(top.map(({ tokenId }) => tokenId));
  const areIds = top.every(({ tokenId }) => tokenId < vocabSize);
  return top.length === numTop && ids.size === numTop && areIds && mass <= mostMass;
}

/** Batches of `onlineShape`. */
export function batchesOf(texts: readonly JudgedText[]): TrainingBatch[] {
  const { numRows } = onlineShape;
  const numBatches = Math.ceil(texts.length / numRows);
  return Array.from({ length: numBatches }, (_, batch) => {
    const group = texts.slice(batch * numRows, (batch + 1) * numRows);
    return {
      rows: group.map(({ tokenIds }) => tokenIds),
      judged: group.flatMap(({ positions }, row) =>
        positions.map((position) => ({ row, position })),
      ),
      target: {
        topIds: Int32Array.from(group.flatMap(({ topIds }) => [...topIds])),
        topLogprobs: Float32Array.from(group.flatMap(({ topLogprobs }) => [...topLogprobs])),
      },
    };
  });
}
