// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * What gives token ids their meaning.
 */
export interface Vocabulary {
  /**
   * Highest token id of the tokenizer + 1; 1 or more.
   */
  'size'?: (number);
  /**
   * SHA-256, hex, of all tokens in the order of their ids.
   */
  'digest'?: (string);
  /**
   * SHA-256, hex, of everything that text and ids depend on: see VerifierDescription.tokenizer_parts.
   */
  'tokenizerDigest'?: (string);
}

/**
 * What gives token ids their meaning.
 */
export interface Vocabulary__Output {
  /**
   * Highest token id of the tokenizer + 1; 1 or more.
   */
  'size': (number);
  /**
   * SHA-256, hex, of all tokens in the order of their ids.
   */
  'digest': (string);
  /**
   * SHA-256, hex, of everything that text and ids depend on: see VerifierDescription.tokenizer_parts.
   */
  'tokenizerDigest': (string);
}
