// Original file: ../../proto/adaedl/v1/verification.proto


/**
 * The session is open and its prefix is computed.
 */
export interface Opened {
  /**
   * Longest draft of the first round.
   */
  'maxDraftLength'?: (number);
  /**
   * Time the prefix waited for its turns, and was computed, in milliseconds.
   */
  'queueMs'?: (number | string);
  'verifyMs'?: (number | string);
  /**
   * Target forwards it took.
   */
  'numForwards'?: (number);
}

/**
 * The session is open and its prefix is computed.
 */
export interface Opened__Output {
  /**
   * Longest draft of the first round.
   */
  'maxDraftLength': (number);
  /**
   * Time the prefix waited for its turns, and was computed, in milliseconds.
   */
  'queueMs': (number);
  'verifyMs': (number);
  /**
   * Target forwards it took.
   */
  'numForwards': (number);
}
