// Original file: ../../proto/adaedl/v2/verification.proto

export const FinishedReason = {
  /**
   * Not sent.
   */
  FINISHED_REASON_UNSPECIFIED: 'FINISHED_REASON_UNSPECIFIED',
  /**
   * The last token committed is one of end_token_ids.
   */
  FINISHED_REASON_STOP: 'FINISHED_REASON_STOP',
  /**
   * `max_tokens` are committed.
   */
  FINISHED_REASON_LENGTH: 'FINISHED_REASON_LENGTH',
  /**
   * The client sent Cancel, or closed its side.
   */
  FINISHED_REASON_CANCELLED: 'FINISHED_REASON_CANCELLED',
} as const;

export type FinishedReason =
  /**
   * Not sent.
   */
  | 'FINISHED_REASON_UNSPECIFIED'
  | 0
  /**
   * The last token committed is one of end_token_ids.
   */
  | 'FINISHED_REASON_STOP'
  | 1
  /**
   * `max_tokens` are committed.
   */
  | 'FINISHED_REASON_LENGTH'
  | 2
  /**
   * The client sent Cancel, or closed its side.
   */
  | 'FINISHED_REASON_CANCELLED'
  | 3

export type FinishedReason__Output = typeof FinishedReason[keyof typeof FinishedReason]
