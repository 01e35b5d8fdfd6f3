// Original file: ../../proto/adaedl/v1/generation.proto

import type { VerificationRule as _adaedl_v1_VerificationRule, VerificationRule__Output as _adaedl_v1_VerificationRule__Output } from '../../adaedl/v1/VerificationRule.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What is being done: the request with its defaults filled in.
 */
export interface Started {
  /**
   * The prompt as it was encoded; when asked for.
   */
  'promptTokenIds'?: (number)[];
  /**
   * The prompt as text; when asked for.
   */
  'promptText'?: (string);
  /**
   * The policy, every parameter spelled out; none where nothing can be drafted.
   */
  'policy'?: (string);
  /**
   * How draft tokens are verified.
   */
  'verificationRule'?: (_adaedl_v1_VerificationRule);
  /**
   * 0 to 2^53 - 1: with it, the text can be had again.
   */
  'seed'?: (number | string | Long);
  /**
   * 0 takes the most probable token.
   */
  'temperature'?: (number | string);
  /**
   * Output tokens, 1 or more.
   */
  'maxTokens'?: (number);
  /**
   * Tokens of the prompt, 1 or more.
   */
  'numPromptTokens'?: (number);
}

/**
 * What is being done: the request with its defaults filled in.
 */
export interface Started__Output {
  /**
   * The prompt as it was encoded; when asked for.
   */
  'promptTokenIds': (number)[];
  /**
   * The prompt as text; when asked for.
   */
  'promptText': (string);
  /**
   * The policy, every parameter spelled out; none where nothing can be drafted.
   */
  'policy': (string);
  /**
   * How draft tokens are verified.
   */
  'verificationRule': (_adaedl_v1_VerificationRule__Output);
  /**
   * 0 to 2^53 - 1: with it, the text can be had again.
   */
  'seed': (string);
  /**
   * 0 takes the most probable token.
   */
  'temperature': (number);
  /**
   * Output tokens, 1 or more.
   */
  'maxTokens': (number);
  /**
   * Tokens of the prompt, 1 or more.
   */
  'numPromptTokens': (number);
}
