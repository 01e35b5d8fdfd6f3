// Original file: ../../proto/adaedl/v1/generation.proto


export interface TokenIds {
  /**
   * 1 or more.
   */
  'ids'?: (number)[];
}

export interface TokenIds__Output {
  /**
   * 1 or more.
   */
  'ids': (number)[];
}
