// Original file: ../../proto/adaedl/v1/verification.proto

import type { FinishedReason as _adaedl_v1_FinishedReason, FinishedReason__Output as _adaedl_v1_FinishedReason__Output } from '../../adaedl/v1/FinishedReason.ts';

/**
 * The verifier's last word on a session that ended well; the stream closes with OK.
 */
export interface Finished {
  /**
   * Why the session is over.
   */
  'reason'?: (_adaedl_v1_FinishedReason);
  /**
   * Rounds judged on this stream, the tokens of plain runs among them.
   */
  'numRounds'?: (number);
  /**
   * Target forwards on this stream.
   */
  'numForwards'?: (number);
}

/**
 * The verifier's last word on a session that ended well; the stream closes with OK.
 */
export interface Finished__Output {
  /**
   * Why the session is over.
   */
  'reason': (_adaedl_v1_FinishedReason__Output);
  /**
   * Rounds judged on this stream, the tokens of plain runs among them.
   */
  'numRounds': (number);
  /**
   * Target forwards on this stream.
   */
  'numForwards': (number);
}
