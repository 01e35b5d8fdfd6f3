// Original file: ../../proto/adaedl/v1/generation.proto


export interface DraftServiceDescription {
  /**
   * Names of the two models.
   */
  'draftModelId'?: (string);
  'targetModelId'?: (string);
  /**
   * The policy of requests that name none.
   */
  'defaultPolicy'?: (string);
  /**
   * Longest prompt + output of the target in tokens, and of the draft.
   */
  'contextLength'?: (number);
  'draftContextLength'?: (number);
  'hasChatTemplate'?: (boolean);
  /**
   * Generations at a time.
   */
  'maxRequests'?: (number);
}

export interface DraftServiceDescription__Output {
  /**
   * Names of the two models.
   */
  'draftModelId': (string);
  'targetModelId': (string);
  /**
   * The policy of requests that name none.
   */
  'defaultPolicy': (string);
  /**
   * Longest prompt + output of the target in tokens, and of the draft.
   */
  'contextLength': (number);
  'draftContextLength': (number);
  'hasChatTemplate': (boolean);
  /**
   * Generations at a time.
   */
  'maxRequests': (number);
}
