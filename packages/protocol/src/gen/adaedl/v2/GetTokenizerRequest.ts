// Original file: ../../proto/adaedl/v2/verification.proto


export interface GetTokenizerRequest {
  /**
   * The vocabulary.tokenizer_digest that Describe named.
   */
  'tokenizerDigest'?: (string);
}

export interface GetTokenizerRequest__Output {
  /**
   * The vocabulary.tokenizer_digest that Describe named.
   */
  'tokenizerDigest': (string);
}
