// Original file: ../../proto/adaedl/v1/generation.proto

import type { FinishReason as _adaedl_v1_FinishReason, FinishReason__Output as _adaedl_v1_FinishReason__Output } from '../../adaedl/v1/FinishReason.ts';
import type { Usage as _adaedl_v1_Usage, Usage__Output as _adaedl_v1_Usage__Output } from '../../adaedl/v1/Usage.ts';
import type { SpeculationStatistics as _adaedl_v1_SpeculationStatistics, SpeculationStatistics__Output as _adaedl_v1_SpeculationStatistics__Output } from '../../adaedl/v1/SpeculationStatistics.ts';

export interface GenerationFinished {
  'finishReason'?: (_adaedl_v1_FinishReason);
  'usage'?: (_adaedl_v1_Usage | null);
  'statistics'?: (_adaedl_v1_SpeculationStatistics | null);
}

export interface GenerationFinished__Output {
  'finishReason': (_adaedl_v1_FinishReason__Output);
  'usage': (_adaedl_v1_Usage__Output | null);
  'statistics': (_adaedl_v1_SpeculationStatistics__Output | null);
}
