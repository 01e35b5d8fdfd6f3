/**
 * What a model says about one position, in the form its graph returns it.
 *
 * The head of the distribution (`topIds`, `topLogits`) and two numbers over the whole vocabulary
 * are computed in the graph; `logits` comes along only where the head is not enough. Logits are
 * raw: before penalties, temperature and truncation.
 */
export interface LogitsRow {
  /** Most probable token ids, descending by logit; may be empty when `logits` is there. [numTop] */
  readonly topIds: Int32Array;
  /** Their logits. [numTop] */
  readonly topLogits: Float32Array;
  /** Every logit, index = token id. [vocabSize] */
  readonly logits?: Float32Array;
  /** Sums over the whole vocabulary, where the graph computed them. */
  readonly summary?: RowSummary;
}

/** Of softmax(logits / temperature) over the whole vocabulary. */
export interface RowSummary {
  /** Above 0. */
  readonly temperature: number;
  /** ln of the sum of exp(logit / temperature). */
  readonly logSumExp: number;
  /** In nats. */
  readonly entropy: number;
}

/** A row from all logits of a vocabulary, for models whose graph returns nothing else. */
export function rowFromLogits(logits: Float32Array): LogitsRow {
  return { topIds: new Int32Array(0), topLogits: new Float32Array(0), logits };
}
