// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * The most probable tokens at one place, the most probable first: as many ids as log-probabilities, at
 * most 20.
 */
export interface TopLogprobs {
  /**
   * Each below num_token_ids.
   */
  'tokenIds'?: (number)[];
  /**
   * Natural, at temperature 1.
   */
  'logprobs'?: (number | string)[];
}

/**
 * The most probable tokens at one place, the most probable first: as many ids as log-probabilities, at
 * most 20.
 */
export interface TopLogprobs__Output {
  /**
   * Each below num_token_ids.
   */
  'tokenIds': (number)[];
  /**
   * Natural, at temperature 1.
   */
  'logprobs': (number)[];
}
