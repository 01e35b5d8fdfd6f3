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
   * Of these tokens, in 32-bit arithmetic: low begins as 0x811c9dc5, high as 0x9747b28c. For each token
   * id, low = (low ^ id) * 0x01000193, then low ^= low >> 15; high = (high ^ id) * 0x85ebca6b, then
   * high ^= high >> 13. In the end high = (high ^ length) * 0xc2b2ae35; the hash is high << 32 | low.
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
   * Of these tokens, in 32-bit arithmetic: low begins as 0x811c9dc5, high as 0x9747b28c. For each token
   * id, low = (low ^ id) * 0x01000193, then low ^= low >> 15; high = (high ^ id) * 0x85ebca6b, then
   * high ^= high >> 13. In the end high = (high ^ length) * 0xc2b2ae35; the hash is high << 32 | low.
   */
  'hash': (string);
}
