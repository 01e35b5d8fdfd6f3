// Original file: ../../proto/adaedl/v1/generation.proto

import type { VerificationRule as _adaedl_v1_VerificationRule, VerificationRule__Output as _adaedl_v1_VerificationRule__Output } from '../../adaedl/v1/VerificationRule.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What is being done: the request with its defaults filled in.
 */
export interface Started {
  'promptTokenIds'?: (number)[];
  /**
   * The prompt as text.
   */
  'promptText'?: (string);
  /**
   * The stopping policy, every parameter spelled out; none where nothing can be drafted.
   */
  'policy'?: (string);
  'verificationRule'?: (_adaedl_v1_VerificationRule);
  'seed'?: (number | string | Long);
  'temperature'?: (number | string);
  'maxTokens'?: (number);
}

/**
 * What is being done: the request with its defaults filled in.
 */
export interface Started__Output {
  'promptTokenIds': (number)[];
  /**
   * The prompt as text.
   */
  'promptText': (string);
  /**
   * The stopping policy, every parameter spelled out; none where nothing can be drafted.
   */
  'policy': (string);
  'verificationRule': (_adaedl_v1_VerificationRule__Output);
  'seed': (string);
  'temperature': (number);
  'maxTokens': (number);
}
