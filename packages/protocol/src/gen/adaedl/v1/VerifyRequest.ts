// Original file: ../../proto/adaedl/v1/verification.proto

import type { Open as _adaedl_v1_Open, Open__Output as _adaedl_v1_Open__Output } from '../../adaedl/v1/Open.ts';
import type { DraftToken as _adaedl_v1_DraftToken, DraftToken__Output as _adaedl_v1_DraftToken__Output } from '../../adaedl/v1/DraftToken.ts';
import type { EndOfDraft as _adaedl_v1_EndOfDraft, EndOfDraft__Output as _adaedl_v1_EndOfDraft__Output } from '../../adaedl/v1/EndOfDraft.ts';
import type { Cancel as _adaedl_v1_Cancel, Cancel__Output as _adaedl_v1_Cancel__Output } from '../../adaedl/v1/Cancel.ts';

export interface VerifyRequest {
  /**
   * First message of the stream, and only there.
   */
  'open'?: (_adaedl_v1_Open | null);
  /**
   * Any number before each end_of_draft, up to the draft length allowed.
   */
  'draftToken'?: (_adaedl_v1_DraftToken | null);
  /**
   * One for each round.
   */
  'endOfDraft'?: (_adaedl_v1_EndOfDraft | null);
  /**
   * At any time.
   */
  'cancel'?: (_adaedl_v1_Cancel | null);
  /**
   * Exactly one.
   */
  'message'?: "open"|"draftToken"|"endOfDraft"|"cancel";
}

export interface VerifyRequest__Output {
  /**
   * First message of the stream, and only there.
   */
  'open'?: (_adaedl_v1_Open__Output | null);
  /**
   * Any number before each end_of_draft, up to the draft length allowed.
   */
  'draftToken'?: (_adaedl_v1_DraftToken__Output | null);
  /**
   * One for each round.
   */
  'endOfDraft'?: (_adaedl_v1_EndOfDraft__Output | null);
  /**
   * At any time.
   */
  'cancel'?: (_adaedl_v1_Cancel__Output | null);
  /**
   * Exactly one.
   */
  'message'?: "open"|"draftToken"|"endOfDraft"|"cancel";
}
