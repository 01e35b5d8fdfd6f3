// Original file: ../../proto/adaedl/v1/generation.proto

export const FinishReason = {
  /**
   * Not sent.
   */
  FINISH_REASON_UNSPECIFIED: 'FINISH_REASON_UNSPECIFIED',
  /**
   * An end token or a stop string.
   */
  FINISH_REASON_STOP: 'FINISH_REASON_STOP',
  /**
   * max_tokens, or the end of the context.
   */
  FINISH_REASON_LENGTH: 'FINISH_REASON_LENGTH',
} as const;

export type FinishReason =
  /**
   * Not sent.
   */
  | 'FINISH_REASON_UNSPECIFIED'
  | 0
  /**
   * An end token or a stop string.
   */
  | 'FINISH_REASON_STOP'
  | 1
  /**
   * max_tokens, or the end of the context.
   */
  | 'FINISH_REASON_LENGTH'
  | 2

export type FinishReason__Output = typeof FinishReason[keyof typeof FinishReason]
