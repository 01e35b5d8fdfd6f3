// Original file: ../../proto/adaedl/v1/verification.proto

import type { FinishedReason as _adaedl_v1_FinishedReason, FinishedReason__Output as _adaedl_v1_FinishedReason__Output } from '../../adaedl/v1/FinishedReason.ts';

/**
 * The verifier's last word on a session that ended well; the stream closes with OK.
 */
export interface Finished {
  'reason'?: (_adaedl_v1_FinishedReason);
  /**
   * Rounds judged and target forwards on this stream.
   */
  'numRounds'?: (number);
  'numForwards'?: (number);
}

/**
 * The verifier's last word on a session that ended well; the stream closes with OK.
 */
export interface Finished__Output {
  'reason': (_adaedl_v1_FinishedReason__Output);
  /**
   * Rounds judged and target forwards on this stream.
   */
  'numRounds': (number);
  'numForwards': (number);
}
