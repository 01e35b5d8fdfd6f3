// Original file: ../../proto/adaedl/v1/verification.proto

import type { EndReason as _adaedl_v1_EndReason, EndReason__Output as _adaedl_v1_EndReason__Output } from '../../adaedl/v1/EndReason.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Asks for the verdict on a round.
 */
export interface EndOfDraft {
  /**
   * One more than the round of the last verdict; the first is Open's next_round.
   */
  'round'?: (number);
  /**
   * Prompt and output tokens before the round's first guess.
   */
  'committedLength'?: (number);
  /**
   * 64-bit hash of those tokens: Text in packages/core/src/text/text.ts.
   */
  'committedHash'?: (number | string | Long);
  /**
   * Why the draft ended; changes nothing about the verdict.
   */
  'reason'?: (_adaedl_v1_EndReason);
  /**
   * Tokens the verifier decodes by itself after this round's verdict, each with a verdict and a
   * round number of its own; 0 waits for the next draft. Plain decoding is an empty draft and this.
   */
  'numPlainTokens'?: (number);
  /**
   * W3C trace context that the verifier's part of the round belongs to; empty where the round is not traced.
   */
  'traceparent'?: (string);
}

/**
 * Asks for the verdict on a round.
 */
export interface EndOfDraft__Output {
  /**
   * One more than the round of the last verdict; the first is Open's next_round.
   */
  'round': (number);
  /**
   * Prompt and output tokens before the round's first guess.
   */
  'committedLength': (number);
  /**
   * 64-bit hash of those tokens: Text in packages/core/src/text/text.ts.
   */
  'committedHash': (string);
  /**
   * Why the draft ended; changes nothing about the verdict.
   */
  'reason': (_adaedl_v1_EndReason__Output);
  /**
   * Tokens the verifier decodes by itself after this round's verdict, each with a verdict and a
   * round number of its own; 0 waits for the next draft. Plain decoding is an empty draft and this.
   */
  'numPlainTokens': (number);
  /**
   * W3C trace context that the verifier's part of the round belongs to; empty where the round is not traced.
   */
  'traceparent': (string);
}
