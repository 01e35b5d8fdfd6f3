// Original file: ../../proto/adaedl/v1/generation.proto


export interface DraftServiceDescription {
  /**
   * Name of the draft model.
   */
  'draftModelId'?: (string);
  /**
   * Name of the target model at the verifiers.
   */
  'targetModelId'?: (string);
  /**
   * The policy of requests that name none.
   */
  'defaultPolicy'?: (string);
  /**
   * Longest prompt + output of the target in tokens.
   */
  'contextLength'?: (number);
  /**
   * Longest the draft model can follow; beyond it the text is decoded plainly.
   */
  'draftContextLength'?: (number);
  /**
   * Whether `chat` prompts are taken.
   */
  'hasChatTemplate'?: (boolean);
  /**
   * Generations at a time.
   */
  'maxRequests'?: (number);
}

export interface DraftServiceDescription__Output {
  /**
   * Name of the draft model.
   */
  'draftModelId': (string);
  /**
   * Name of the target model at the verifiers.
   */
  'targetModelId': (string);
  /**
   * The policy of requests that name none.
   */
  'defaultPolicy': (string);
  /**
   * Longest prompt + output of the target in tokens.
   */
  'contextLength': (number);
  /**
   * Longest the draft model can follow; beyond it the text is decoded plainly.
   */
  'draftContextLength': (number);
  /**
   * Whether `chat` prompts are taken.
   */
  'hasChatTemplate': (boolean);
  /**
   * Generations at a time.
   */
  'maxRequests': (number);
}
