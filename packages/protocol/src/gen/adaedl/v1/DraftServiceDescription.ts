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
   * Longest the draft model can follow; beyond it nothing is drafted.
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
  /**
   * Numbers in the weights of the draft model; 0: not known, as for an exported graph.
   */
  'numDraftParameters'?: (number | string);
  /**
   * Numbers in the weights of the target model; 0: not known.
   */
  'numTargetParameters'?: (number | string);
  /**
   * Network time to a verifier and back in milliseconds, measured every few seconds; 0: not measured.
   */
  'roundTripMs'?: (number | string);
  /**
   * Emulated time of the draft model's forwards, as in VerifierDescription.emulated_forward_ms; empty:
   * the time that they really take.
   */
  'emulatedDraftMs'?: (string);
  /**
   * Likewise of the target model's forwards.
   */
  'emulatedTargetMs'?: (string);
  /**
   * Share of the target's tokens that the draft model has, too, 0 to 1: only these are drafted.
   */
  'sharedVocabulary'?: (number | string);
  /**
   * Whether the draft model has another vocabulary: its tokens are mapped to the target's by their bytes.
   */
  'hasOtherVocabulary'?: (boolean);
  /**
   * Precision of the target's weights, as in VerifierDescription.weights.
   */
  'targetWeights'?: (string);
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
   * Longest the draft model can follow; beyond it nothing is drafted.
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
  /**
   * Numbers in the weights of the draft model; 0: not known, as for an exported graph.
   */
  'numDraftParameters': (number);
  /**
   * Numbers in the weights of the target model; 0: not known.
   */
  'numTargetParameters': (number);
  /**
   * Network time to a verifier and back in milliseconds, measured every few seconds; 0: not measured.
   */
  'roundTripMs': (number);
  /**
   * Emulated time of the draft model's forwards, as in VerifierDescription.emulated_forward_ms; empty:
   * the time that they really take.
   */
  'emulatedDraftMs': (string);
  /**
   * Likewise of the target model's forwards.
   */
  'emulatedTargetMs': (string);
  /**
   * Share of the target's tokens that the draft model has, too, 0 to 1: only these are drafted.
   */
  'sharedVocabulary': (number);
  /**
   * Whether the draft model has another vocabulary: its tokens are mapped to the target's by their bytes.
   */
  'hasOtherVocabulary': (boolean);
  /**
   * Precision of the target's weights, as in VerifierDescription.weights.
   */
  'targetWeights': (string);
}
