/**
 * Names and shapes of the graph's inputs and outputs: the contract between the builder here and the
 * runtime that feeds it. Sizes: T tokens of all sessions together, R rows that are read; of a group, B sessions with
 * Tg tokens together and at most S each, Q = S numHeads / numKeyValueHeads, and F blocks of columns for each,
 * M = F columnBlock.
 */
export const graphInputs = {
  /** int64 [T]: tokens of the first session, then of the next, … */
  tokenIds: "token_ids",
  /** float32 [T, 1, headDim / 2]: cosine and sine of each token's position. */
  cosines: "cosines",
  sines: "sines",
  /** int64 [R]: indices into T of the rows to read, at least one. */
  rows: "rows",
  /** float32 [R, 1]: 1 / temperature at which entropy and logsumexp of a row are taken. */
  inverseTemperatures: "inverse_temperatures",
  /** int64 [numGroups]: Tg of each group, at least 1; absent in the graph for one group. */
  groupSizes: "group_sizes",
  /**
   * int64 [B, 1, numKeyValueHeads, Q, 3]: token, head and 0 of each row of queries, those of a key head's first head
   * (S of them) before those of its next; any token's again where a session has fewer than S.
   */
  queryPlaces: (group: number) => `query_places.${group}`,
  /** int64 [Tg, numKeyValueHeads, 1, 4]: session, block, head and column that a token's rows go to. */
  places: (group: number) => `places.${group}`,
  /** int64 [Tg, numHeads, 4]: session, last block, key head and row of queries that a token's heads were computed in. */
  resultPlaces: (group: number) => `result_places.${group}`,
  /** int64 [4]: B, numHeads, S, M. */
  rowDims: (group: number) => `row_dims.${group}`,
  /** int64 [5]: B, numKeyValueHeads, Q, F, columnBlock. */
  blockDims: (group: number) => `block_dims.${group}`,
  /** float32 [B, 1, S, M]: 0 where a token sees a column, `maskedOut` where it does not. */
  mask: (group: number) => `mask.${group}`,
  /** float32 [B, F, numKeyValueHeads, columnBlock, headDim] */
  pastKeys: (group: number, layer: number) => `past.${group}.${layer}.keys`,
  pastValues: (group: number, layer: number) => `past.${group}.${layer}.values`,
  /**
   * Of the long graph only, whose `pastKeys` and `pastValues` are the blocks that get new rows, [1, F - G, ..]:
   * int64 [2]: G and F - G.
   */
  blockCounts: "block_counts",
  /** float32 [1, G, numKeyValueHeads, columnBlock, headDim]: the blocks before them, at least one. */
  fullKeys: (layer: number) => `full.${layer}.keys`,
  fullValues: (layer: number) => `full.${layer}.values`,
} as const;

export const graphOutputs = {
  /** float32 [R, numTop], descending. */
  topLogits: "top_logits",
  /** int32 [R, numTop] */
  topIds: "top_ids",
  /** float32 [R, 1]: the largest logit / temperature. */
  peak: "peak",
  /** float32 [R, 1]: sum over the vocabulary of e^d, with d = logit / temperature - peak. */
  sumExp: "sum_exp",
  /** float32 [R, 1]: sum over the vocabulary of d e^d. */
  sumDistanceExp: "sum_distance_exp",
  /** float32 [R, vocabSize]: fetch it only where the others are not enough. */
  logits: "logits",
  /** float32 [2 numLayers T, numKeyValueHeads, 1, headDim]: the new tokens' keys of each layer, rotated, then values. */
  newRows: "new_rows",
} as const;

/** The mask value that makes a softmax weight exactly 0. */
export const maskedOut = -3.4028234663852886e38;

/** Groups of sessions that a forward can hold; a graph is built for each of these counts. */
export const groupCounts = [1, 2, 4, 8] as const;

/**
 * The graphs of a model: for so many groups, and one for a single session whose context is long, which does not copy
 * its cache but costs a few nodes more.
 */
export const graphKinds = [...groupCounts, "long"] as const;
export type GraphKind = (typeof graphKinds)[number];

/** How many of the most probable tokens of a row the graph returns. */
export const maxTop = 64;

/** Cache columns come in blocks, see docs/decisions/0002. */
export const columnBlock = 128;
