// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * The exact distributions that draft tokens were drawn from, truncated, one after another. (One list
 * and not one message each: a small message of the wire can thus not become a large one in memory.)
 */
export interface GuessDistributions {
  /**
   * Tokens in the distribution of each node, 1 to 256. As many as there are nodes.
   */
  'sizes'?: (number)[];
  /**
   * Each below the verifier's num_token_ids; within a distribution all different, and the node's token
   * is among them. As many as the sizes add up to.
   */
  'tokenIds'?: (number)[];
  /**
   * Above 0, at most 1.001; their sum within a distribution is at most 1.01. As many as token_ids.
   */
  'weights'?: (number | string)[];
}

/**
 * The exact distributions that draft tokens were drawn from, truncated, one after another. (One list
 * and not one message each: a small message of the wire can thus not become a large one in memory.)
 */
export interface GuessDistributions__Output {
  /**
   * Tokens in the distribution of each node, 1 to 256. As many as there are nodes.
   */
  'sizes': (number)[];
  /**
   * Each below the verifier's num_token_ids; within a distribution all different, and the node's token
   * is among them. As many as the sizes add up to.
   */
  'tokenIds': (number)[];
  /**
   * Above 0, at most 1.001; their sum within a distribution is at most 1.01. As many as token_ids.
   */
  'weights': (number)[];
}
