// Original file: ../../proto/adaedl/v1/verification.proto


/**
 * The most probable tokens at one place, the most probable first: as many ids as log-probabilities.
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
 * The most probable tokens at one place, the most probable first: as many ids as log-probabilities.
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
