/** Everything the graph builder has to know about a decoder-only transformer. */
export interface DecoderSpec {
  /** `model_type` of config.json, a key of `architectures`. */
  readonly architecture: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  /** Longest prompt + output, in tokens. */
  readonly contextLength: number;
  readonly rmsNormEps: number;
  /** The output head is the embedding matrix, unless the weights have a head of their own. */
  readonly hasTiedHead: boolean;
  /** Query, key and value projections must have a bias; otherwise one in the weights is used. */
  readonly hasQkvBias: boolean;
  /** The same for the attention output projection. */
  readonly hasOutputBias: boolean;
  /** The same for the feed-forward projections. */
  readonly hasMlpBias: boolean;
  /** RMSNorm of queries and keys before the rotation: of each head, or of all heads as one vector; absent: none. */
  readonly qkNorm?: "head" | "projection";
  /** RMSNorm of what attention and feed-forward return, before it is added, and not of what they get. */
  readonly hasNormsAfter?: boolean;
  /** Factors of embeddings, of scores, of what a layer adds to its input, and of logits; absent: as `scalesOf` says. */
  readonly scales?: Scales;
  /** A token sees itself and this many minus one before it; absent: all. */
  readonly slidingWindow?: number;
  /** Which rule made `inverseFrequencies`, for reports. */
  readonly ropeType: string;
  /** Radians per position of each rotated pair of dimensions, after scaling. [headDim / 2] */
  readonly inverseFrequencies: readonly number[];
  /** Factor of rotated queries and keys; absent: 1. */
  readonly rotationScale?: number;
  /** Layers whose queries and keys are not rotated; absent: none. */
  readonly unrotatedLayers?: readonly number[];
}

/** Constant factors of a decoder. */
export interface Scales {
  readonly embedding: number;
  /** Of the products of queries and keys. */
  readonly score: number;
  readonly residual: number;
  readonly logits: number;
}

/** The factors of a decoder, which most architectures do not change. */
export function scalesOf({ headDim, scales }: Pick<DecoderSpec, "headDim" | "scales">): Scales {
  return scales ?? { embedding: 1, score: 1 / Math.sqrt(headDim), residual: 1, logits: 1 };
}
