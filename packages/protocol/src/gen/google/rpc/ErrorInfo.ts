// Original file: ../../proto/google/rpc/error_details.proto


/**
 * Why, for programs.
 */
export interface ErrorInfo {
  /**
   * An error code of this project in capitals, such as OUT_OF_RANGE.
   */
  'reason'?: (string);
  /**
   * Always "adaedl".
   */
  'domain'?: (string);
  /**
   * "field" and "value" where the error is about one.
   */
  'metadata'?: ({[key: string]: string});
}

/**
 * Why, for programs.
 */
export interface ErrorInfo__Output {
  /**
   * An error code of this project in capitals, such as OUT_OF_RANGE.
   */
  'reason': (string);
  /**
   * Always "adaedl".
   */
  'domain': (string);
  /**
   * "field" and "value" where the error is about one.
   */
  'metadata': ({[key: string]: string});
}
