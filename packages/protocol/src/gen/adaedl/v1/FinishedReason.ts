// Original file: ../../proto/adaedl/v1/verification.proto

export const FinishedReason = {
  /**
   * Not sent.
   */
  FINISHED_REASON_UNSPECIFIED: 'FINISHED_REASON_UNSPECIFIED',
  /**
   * `max_tokens` are committed.
   */
  FINISHED_REASON_LENGTH: 'FINISHED_REASON_LENGTH',
  /**
   * The client said Cancel, or closed its side.
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
   * `max_tokens` are committed.
   */
  | 'FINISHED_REASON_LENGTH'
  | 1
  /**
   * The client said Cancel, or closed its side.
   */
  | 'FINISHED_REASON_CANCELLED'
  | 2

export type FinishedReason__Output = typeof FinishedReason[keyof typeof FinishedReason]
