// Original file: ../../proto/adaedl/v1/verification.proto


/**
 * A truncated distribution: as many weights as ids, 1 to 256 of them, ids all different.
 */
export interface GuessDistribution {
  /**
   * Each below the verifier's num_token_ids; the guess is among them.
   */
  'tokenIds'?: (number)[];
  /**
   * Above 0, at most 1.001; their sum is at most 1.01.
   */
  'weights'?: (number | string)[];
}

/**
 * A truncated distribution: as many weights as ids, 1 to 256 of them, ids all different.
 */
export interface GuessDistribution__Output {
  /**
   * Each below the verifier's num_token_ids; the guess is among them.
   */
  'tokenIds': (number)[];
  /**
   * Above 0, at most 1.001; their sum is at most 1.01.
   */
  'weights': (number)[];
}
