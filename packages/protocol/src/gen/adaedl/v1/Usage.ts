// Original file: ../../proto/adaedl/v1/generation.proto


export interface Usage {
  /**
   * 1 or more.
   */
  'numPromptTokens'?: (number);
  /**
   * 1 or more, an end token among them.
   */
  'numOutputTokens'?: (number);
}

export interface Usage__Output {
  /**
   * 1 or more.
   */
  'numPromptTokens': (number);
  /**
   * 1 or more, an end token among them.
   */
  'numOutputTokens': (number);
}
