// Original file: ../../proto/adaedl/v1/generation.proto

import type { DraftToken as _adaedl_v1_DraftToken, DraftToken__Output as _adaedl_v1_DraftToken__Output } from '../../adaedl/v1/DraftToken.ts';
import type { EndReason as _adaedl_v1_EndReason, EndReason__Output as _adaedl_v1_EndReason__Output } from '../../adaedl/v1/EndReason.ts';

/**
 * One commit of the target and the draft that was verified for it, for who watches. Times in milliseconds.
 */
export interface CommitReport {
  /**
   * 0 for the first.
   */
  'number'?: (number);
  /**
   * The draft tokens that were verified, in order, as far as the edge knows them; empty where none was.
   */
  'draftTokens'?: (_adaedl_v1_DraftToken)[];
  /**
   * How many of them the target accepted; a stop may cut the text before.
   */
  'numAccepted'?: (number);
  /**
   * Why the draft ended, where it was drafted in rounds.
   */
  'endReason'?: (_adaedl_v1_EndReason);
  /**
   * Spent by the draft model since the last commit.
   */
  'draftMs'?: (number | string);
  /**
   * Since the last commit, drafting not counted.
   */
  'waitMs'?: (number | string);
  /**
   * Of the forward: in the verifier's queue, and computing. They may have passed while the edge drafted.
   */
  'queueMs'?: (number | string);
  /**
   * See queue_ms.
   */
  'verifyMs'?: (number | string);
}

/**
 * One commit of the target and the draft that was verified for it, for who watches. Times in milliseconds.
 */
export interface CommitReport__Output {
  /**
   * 0 for the first.
   */
  'number': (number);
  /**
   * The draft tokens that were verified, in order, as far as the edge knows them; empty where none was.
   */
  'draftTokens': (_adaedl_v1_DraftToken__Output)[];
  /**
   * How many of them the target accepted; a stop may cut the text before.
   */
  'numAccepted': (number);
  /**
   * Why the draft ended, where it was drafted in rounds.
   */
  'endReason': (_adaedl_v1_EndReason__Output);
  /**
   * Spent by the draft model since the last commit.
   */
  'draftMs': (number);
  /**
   * Since the last commit, drafting not counted.
   */
  'waitMs': (number);
  /**
   * Of the forward: in the verifier's queue, and computing. They may have passed while the edge drafted.
   */
  'queueMs': (number);
  /**
   * See queue_ms.
   */
  'verifyMs': (number);
}
