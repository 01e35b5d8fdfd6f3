// Original file: ../../proto/adaedl/v2/verification.proto

import type { FinishedReason as _adaedl_v2_FinishedReason, FinishedReason__Output as _adaedl_v2_FinishedReason__Output } from '../../adaedl/v2/FinishedReason.ts';

/**
 * The last message of a session that ended well; the stream closes with OK.
 */
export interface Finished {
  /**
   * Why the session is over.
   */
  'reason'?: (_adaedl_v2_FinishedReason);
}

/**
 * The last message of a session that ended well; the stream closes with OK.
 */
export interface Finished__Output {
  /**
   * Why the session is over.
   */
  'reason': (_adaedl_v2_FinishedReason__Output);
}
