// Original file: ../../proto/adaedl/v1/generation.proto

import type { TokenOrigin as _adaedl_v1_TokenOrigin, TokenOrigin__Output as _adaedl_v1_TokenOrigin__Output } from '../../adaedl/v1/TokenOrigin.ts';
import type { TokenLogprob as _adaedl_v1_TokenLogprob, TokenLogprob__Output as _adaedl_v1_TokenLogprob__Output } from '../../adaedl/v1/TokenLogprob.ts';

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
   * Of the draft's distribution in nats, 0 or more, where the draft model
   * looked at this place.
   */
  'entropy'?: (number | string);
  /**
   * The target's natural log-probability of the token, when asked for.
   */
  'logprob'?: (number | string);
  /**
   * With log-probabilities or details: what the token alone is. A character may take several tokens.
   */
  'bytes'?: (Buffer | Uint8Array | string);
  /**
   * When asked for: the target's most probable tokens here, the most probable first.
   */
  'topLogprobs'?: (_adaedl_v1_TokenLogprob)[];
  /**
   * What had drafted an accepted token of the draft service, as --drafter names it; empty where
   * that is not known.
   */
  'drafters'?: (string)[];
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
   * Of the draft's distribution in nats, 0 or more, where the draft model
   * looked at this place.
   */
  'entropy'?: (number);
  /**
   * The target's natural log-probability of the token, when asked for.
   */
  'logprob'?: (number);
  /**
   * With log-probabilities or details: what the token alone is. A character may take several tokens.
   */
  'bytes': (Buffer);
  /**
   * When asked for: the target's most probable tokens here, the most probable first.
   */
  'topLogprobs': (_adaedl_v1_TokenLogprob__Output)[];
  /**
   * What had drafted an accepted token of the draft service, as --drafter names it; empty where
   * that is not known.
   */
  'drafters': (string)[];
  '_entropy'?: "entropy";
  '_logprob'?: "logprob";
}
