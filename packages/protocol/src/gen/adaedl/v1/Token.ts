// Original file: ../../proto/adaedl/v1/generation.proto

import type { TokenOrigin as _adaedl_v1_TokenOrigin, TokenOrigin__Output as _adaedl_v1_TokenOrigin__Output } from '../../adaedl/v1/TokenOrigin.ts';

export interface Token {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId'?: (number);
  /**
   * Text that became certain with it; may be empty, or hold characters of earlier tokens.
   */
  'text'?: (string);
  /**
   * Whose token it is.
   */
  'origin'?: (_adaedl_v1_TokenOrigin);
  /**
   * Of the draft's distribution in nats, 0 or more, where the draft guessed this position.
   */
  'entropy'?: (number | string);
  /**
   * The target's natural log-probability of the token, when asked for.
   */
  'logprob'?: (number | string);
  '_entropy'?: "entropy";
  '_logprob'?: "logprob";
}

export interface Token__Output {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId': (number);
  /**
   * Text that became certain with it; may be empty, or hold characters of earlier tokens.
   */
  'text': (string);
  /**
   * Whose token it is.
   */
  'origin': (_adaedl_v1_TokenOrigin__Output);
  /**
   * Of the draft's distribution in nats, 0 or more, where the draft guessed this position.
   */
  'entropy'?: (number);
  /**
   * The target's natural log-probability of the token, when asked for.
   */
  'logprob'?: (number);
  '_entropy'?: "entropy";
  '_logprob'?: "logprob";
}
