// Original file: ../../proto/adaedl/v1/verification.proto

import type { GuessDistribution as _adaedl_v1_GuessDistribution, GuessDistribution__Output as _adaedl_v1_GuessDistribution__Output } from '../../adaedl/v1/GuessDistribution.ts';

/**
 * One guess, sent the moment it exists.
 */
export interface DraftToken {
  /**
   * The round it belongs to: that of the end_of_draft that follows.
   */
  'round'?: (number);
  /**
   * Index of the token in prompt + output: one more than the guess before it.
   */
  'position'?: (number);
  /**
   * The guess: below the verifier's num_token_ids.
   */
  'tokenId'?: (number);
  /**
   * Of the draft's adjusted distribution at this position, in nats, 0 or more.
   */
  'entropy'?: (number | string);
  /**
   * The exact distribution the guess was drawn from; with VERIFICATION_RULE_REJECTION only.
   */
  'distribution'?: (_adaedl_v1_GuessDistribution | null);
}

/**
 * One guess, sent the moment it exists.
 */
export interface DraftToken__Output {
  /**
   * The round it belongs to: that of the end_of_draft that follows.
   */
  'round': (number);
  /**
   * Index of the token in prompt + output: one more than the guess before it.
   */
  'position': (number);
  /**
   * The guess: below the verifier's num_token_ids.
   */
  'tokenId': (number);
  /**
   * Of the draft's adjusted distribution at this position, in nats, 0 or more.
   */
  'entropy': (number);
  /**
   * The exact distribution the guess was drawn from; with VERIFICATION_RULE_REJECTION only.
   */
  'distribution': (_adaedl_v1_GuessDistribution__Output | null);
}
