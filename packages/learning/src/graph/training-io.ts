import type { DecoderSpec } from "@adaedl/model";

/** Losses between the target's distribution p and the draft's q, both at temperature 1. */
export const lossNames = ["tv", "kl", "tv-top16"] as const;

/**
 * - `tv`: total variation distance over the whole vocabulary.
 * - `kl`: forward Kullback-Leibler divergence of q from p.
 * - `tv-top16`: total variation distance to a p of which only the most probable tokens are known. The rest of its mass is
 *   spread as the draft spread it before training: a free tail drifts, and loses matches at temperature 1.
 */
export type LossName = (typeof lossNames)[number];

/** Tokens of the target that `tv-top16` knows. */
export const numTopTokens = 16;

/** The sizes of one step, which its graph is built for. */
export interface TrainingShape {
  /** Texts. */
  readonly numRows: number;
  /** Tokens of each; shorter ones are padded at their end. */
  readonly length: number;
  /** Positions that reach the head, at most `numRows * length`. */
  readonly numJudged: number;
}

/** Names of the graph's inputs. */
export const trainingInputs = {
  /** [numRows * length] */
  tokenIds: "token_ids",
  /** [numRows, length, headDim / 2] each */
  cosines: "cosines",
  sines: "sines",
  /** Added to attention scores. [length, length] */
  mask: "mask",
  /** Places of judged positions in `tokenIds`, each at most once. [numJudged, 1] */
  judged: "judged",
  /** What each of them counts; 0 where there are fewer. [numJudged, 1] */
  judgedWeights: "judged_weights",
  /** `tv` and `kl`: [numJudged, vocabSize] */
  targetLogits: "target_logits",
  /** `tv-top16`, without duplicates: [numJudged, numTop] */
  topIds: "top_ids",
  /** [numJudged, numTop] */
  topLogprobs: "top_logprobs",
  /** A weight of the draft as it was before training. */
  frozen: (name: string) => `frozen ${name}`,
} as const;

/** Names of its outputs. */
export const trainingOutputs = {
  /** The weighted sum over judged positions. [] */
  loss: "loss",
  /** The gradient of a weight; without what the embedding gets from its look-up. */
  gradient: (name: string) => `gradient ${name}`,
  /** The gradient of looked up embeddings, to be added to their rows. [numRows * length, hiddenSize] */
  lookUpGradient: "gradient of embeddings",
  /** [numJudged, vocabSize] */
  logits: "logits",
} as const;

/** How many of the target's tokens `tv-top16` gets. */
export function numTopOf({ vocabSize }: Pick<DecoderSpec, "vocabSize">): number {
  return Math.min(numTopTokens, vocabSize);
}

/** Added to the score of a token that is not seen: not -Infinity, whose row would become NaN. */
const unseen = -1e9;

/** The inputs that depend on the shape alone. */
export function constantInputs(
  {
    headDim,
    inverseFrequencies,
    rotationScale = 1,
    slidingWindow = Number.POSITIVE_INFINITY,
  }: DecoderSpec,
  { numRows, length }: TrainingShape,
) {
  const half = headDim / 2;
  const angles = Float64Array.from({ length: numRows * length * half }, (_, index) => {
    const position = Math.floor(index / half) % length;
    return position * (inverseFrequencies[index % half] as number);
  });
  const mask = Float32Array.from({ length: length * length }, (_, index) => {
    const distance = Math.floor(index / length) - (index % length);
    return distance >= 0 && distance < slidingWindow ? 0 : unseen;
  });
  return {
    cosines: Float32Array.from(angles, (angle) => rotationScale * Math.cos(angle)),
    sines: Float32Array.from(angles, (angle) => rotationScale * Math.sin(angle)),
    mask,
  };
}
