// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * Versions with the same major understand each other.
 */
export interface ProtocolVersion {
  /**
   * 1 or more; now 2.
   */
  'major'?: (number);
  /**
   * 0 or more; now 0.
   */
  'minor'?: (number);
}

/**
 * Versions with the same major understand each other.
 */
export interface ProtocolVersion__Output {
  /**
   * 1 or more; now 2.
   */
  'major': (number);
  /**
   * 0 or more; now 0.
   */
  'minor': (number);
}
