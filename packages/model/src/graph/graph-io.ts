/**
 * Names and shapes of the graph's inputs and outputs: the contract between the builder here and the
 * runtime that feeds it. Sizes: T tokens of all slots together, S tokens of one slot, M columns of a
 * slot's cache (its capacity, a multiple of `columnBlock`), R rows that are read.
 */
export const graphInputs = {
  /** int64 [T]: tokens of slot 0, then of slot 1, … */
  tokenIds: "token_ids",
  /** float32 [1, T, headDim / 2]: cosine and sine of each token's position. */
  cosines: "cosines",
  sines: "sines",
  /** int64 [numSlots]: S of each slot, each at least 1; absent in the one-slot graph. */
  slotSizes: "slot_sizes",
  /** int64 [R]: indices into T of the rows to read, at least one. */
  rows: "rows",
  /** float32 [R, 1]: 1 / temperature at which entropy and logsumexp of a row are taken. */
  inverseTemperatures: "inverse_temperatures",
  /** int64 [1]: the column the slot's first new token goes to. */
  pastLength: (slot: number) => `past_length.${slot}`,
  /** float32 [S, M]: 0 where a token sees a column, `maskedOut` where it does not. */
  mask: (slot: number) => `mask.${slot}`,
  /** float32 [1, numKeyValueHeads, M, headDim]: columns from pastLength on are ignored. */
  pastKeys: (slot: number, layer: number) => `past.${slot}.${layer}.keys`,
  pastValues: (slot: number, layer: number) => `past.${slot}.${layer}.values`,
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
  /** float32 [1, T, numKeyValueHeads * headDim]: the new tokens' keys (rotated) and values. */
  newKeys: (layer: number) => `new.${layer}.keys`,
  newValues: (layer: number) => `new.${layer}.values`,
} as const;

/** The mask value that makes a softmax weight exactly 0. */
export const maskedOut = -3.4028234663852886e38;

/** Slots a step can hold; a graph is built for each of these counts. */
export const slotCounts = [1, 2, 4, 8] as const;

/** How many of the most probable tokens of a row the graph returns. */
export const maxTop = 64;

/** Cache columns come in blocks, see docs/decisions/0002. */
export const columnBlock = 128;
