// Original file: ../../proto/adaedl/v1/verification.proto


/**
 * Versions with the same major understand each other.
 */
export interface ProtocolVersion {
  /**
   * Now 1.
   */
  'major'?: (number);
  /**
   * Now 0.
   */
  'minor'?: (number);
}

/**
 * Versions with the same major understand each other.
 */
export interface ProtocolVersion__Output {
  /**
   * Now 1.
   */
  'major': (number);
  /**
   * Now 0.
   */
  'minor': (number);
}
