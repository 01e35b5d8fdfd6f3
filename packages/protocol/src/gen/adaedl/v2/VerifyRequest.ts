// Original file: ../../proto/adaedl/v2/verification.proto

import type { Open as _adaedl_v2_Open, Open__Output as _adaedl_v2_Open__Output } from '../../adaedl/v2/Open.ts';
import type { Offer as _adaedl_v2_Offer, Offer__Output as _adaedl_v2_Offer__Output } from '../../adaedl/v2/Offer.ts';
import type { Cancel as _adaedl_v2_Cancel, Cancel__Output as _adaedl_v2_Cancel__Output } from '../../adaedl/v2/Cancel.ts';

export interface VerifyRequest {
  /**
   * First message of the stream, and only there.
   */
  'open'?: (_adaedl_v2_Open | null);
  /**
   * At any time: one for each draft forward.
   */
  'offer'?: (_adaedl_v2_Offer | null);
  /**
   * At any time.
   */
  'cancel'?: (_adaedl_v2_Cancel | null);
  /**
   * Exactly one.
   */
  'message'?: "open"|"offer"|"cancel";
}

export interface VerifyRequest__Output {
  /**
   * First message of the stream, and only there.
   */
  'open'?: (_adaedl_v2_Open__Output | null);
  /**
   * At any time: one for each draft forward.
   */
  'offer'?: (_adaedl_v2_Offer__Output | null);
  /**
   * At any time.
   */
  'cancel'?: (_adaedl_v2_Cancel__Output | null);
  /**
   * Exactly one.
   */
  'message'?: "open"|"offer"|"cancel";
}
