// Original file: ../../proto/adaedl/v1/generation.proto

import type { FinishReason as _adaedl_v1_FinishReason, FinishReason__Output as _adaedl_v1_FinishReason__Output } from '../../adaedl/v1/FinishReason.ts';
import type { Usage as _adaedl_v1_Usage, Usage__Output as _adaedl_v1_Usage__Output } from '../../adaedl/v1/Usage.ts';
import type { SpeculationStatistics as _adaedl_v1_SpeculationStatistics, SpeculationStatistics__Output as _adaedl_v1_SpeculationStatistics__Output } from '../../adaedl/v1/SpeculationStatistics.ts';

export interface GenerationFinished {
  /**
   * Why the output ended.
   */
  'finishReason'?: (_adaedl_v1_FinishReason);
  /**
   * Tokens in and out.
   */
  'usage'?: (_adaedl_v1_Usage | null);
  /**
   * What speculation did, and what it cost.
   */
  'statistics'?: (_adaedl_v1_SpeculationStatistics | null);
}

export interface GenerationFinished__Output {
  /**
   * Why the output ended.
   */
  'finishReason': (_adaedl_v1_FinishReason__Output);
  /**
   * Tokens in and out.
   */
  'usage': (_adaedl_v1_Usage__Output | null);
  /**
   * What speculation did, and what it cost.
   */
  'statistics': (_adaedl_v1_SpeculationStatistics__Output | null);
}
