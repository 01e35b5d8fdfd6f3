// Original file: ../../proto/adaedl/v2/verification.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A prefix of the text.
 */
export interface Fence {
  /**
   * In tokens, prompt and output.
   */
  'length'?: (number);
  /**
   * 64-bit hash of these tokens: Text in packages/core/src/text/text.ts.
   */
  'hash'?: (number | string | Long);
}

/**
 * A prefix of the text.
 */
export interface Fence__Output {
  /**
   * In tokens, prompt and output.
   */
  'length': (number);
  /**
   * 64-bit hash of these tokens: Text in packages/core/src/text/text.ts.
   */
  'hash': (string);
}
