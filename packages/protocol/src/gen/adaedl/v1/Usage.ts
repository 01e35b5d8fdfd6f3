// Original file: ../../proto/adaedl/v1/generation.proto


export interface Usage {
  'numPromptTokens'?: (number);
  'numOutputTokens'?: (number);
}

export interface Usage__Output {
  'numPromptTokens': (number);
  'numOutputTokens': (number);
}
