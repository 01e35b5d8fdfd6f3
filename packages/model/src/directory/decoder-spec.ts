/** Everything the graph builder has to know about a decoder-only transformer. */
export interface DecoderSpec {
  /** `model_type` of config.json: llama, mistral, qwen2 or qwen3. */
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
  /** RMSNorm on each query and key head before the rotation. */
  readonly hasQkNorm: boolean;
  /** A token sees itself and this many minus one before it; absent: all. */
  readonly slidingWindow?: number;
  /** Which rule made `inverseFrequencies`, for reports. */
  readonly ropeType: string;
  /** Radians per position of each rotated pair of dimensions, after scaling. [headDim / 2] */
  readonly inverseFrequencies: readonly number[];
}
