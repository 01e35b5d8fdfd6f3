// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * The session is open and its prefix is computed.
 */
export interface Opened {
  /**
   * Time the prefix waited for its turns, and was computed, in milliseconds.
   */
  'queueMs'?: (number | string);
  /**
   * See queue_ms.
   */
  'verifyMs'?: (number | string);
  /**
   * Target forwards it took; 0 for a prompt of one token.
   */
  'numForwards'?: (number);
  /**
   * Of the target that computed it: see VerifierDescription.numerics.
   */
  'numerics'?: (string);
}

/**
 * The session is open and its prefix is computed.
 */
export interface Opened__Output {
  /**
   * Time the prefix waited for its turns, and was computed, in milliseconds.
   */
  'queueMs': (number);
  /**
   * See queue_ms.
   */
  'verifyMs': (number);
  /**
   * Target forwards it took; 0 for a prompt of one token.
   */
  'numForwards': (number);
  /**
   * Of the target that computed it: see VerifierDescription.numerics.
   */
  'numerics': (string);
}
