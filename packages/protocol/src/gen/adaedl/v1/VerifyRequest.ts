// Original file: ../../proto/adaedl/v1/verification.proto

import type { Open as _adaedl_v1_Open, Open__Output as _adaedl_v1_Open__Output } from '../../adaedl/v1/Open.ts';
import type { DraftToken as _adaedl_v1_DraftToken, DraftToken__Output as _adaedl_v1_DraftToken__Output } from '../../adaedl/v1/DraftToken.ts';
import type { EndOfDraft as _adaedl_v1_EndOfDraft, EndOfDraft__Output as _adaedl_v1_EndOfDraft__Output } from '../../adaedl/v1/EndOfDraft.ts';
import type { Cancel as _adaedl_v1_Cancel, Cancel__Output as _adaedl_v1_Cancel__Output } from '../../adaedl/v1/Cancel.ts';

export interface VerifyRequest {
  'open'?: (_adaedl_v1_Open | null);
  'draftToken'?: (_adaedl_v1_DraftToken | null);
  'endOfDraft'?: (_adaedl_v1_EndOfDraft | null);
  'cancel'?: (_adaedl_v1_Cancel | null);
  'message'?: "open"|"draftToken"|"endOfDraft"|"cancel";
}

export interface VerifyRequest__Output {
  'open'?: (_adaedl_v1_Open__Output | null);
  'draftToken'?: (_adaedl_v1_DraftToken__Output | null);
  'endOfDraft'?: (_adaedl_v1_EndOfDraft__Output | null);
  'cancel'?: (_adaedl_v1_Cancel__Output | null);
  'message'?: "open"|"draftToken"|"endOfDraft"|"cancel";
}
