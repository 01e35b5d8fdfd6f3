// Original file: ../../proto/adaedl/v1/draft.proto

export const EndReason = {
  /**
   * There was nothing to end: the round is plain.
   */
  END_REASON_UNSPECIFIED: 'END_REASON_UNSPECIFIED',
  /**
   * The stopping policy.
   */
  END_REASON_POLICY: 'END_REASON_POLICY',
  /**
   * The longest draft allowed.
   */
  END_REASON_LIMIT: 'END_REASON_LIMIT',
  /**
   * The draft model cannot go on (its context is full, it failed).
   */
  END_REASON_DRAFTER: 'END_REASON_DRAFTER',
} as const;

export type EndReason =
  /**
   * There was nothing to end: the round is plain.
   */
  | 'END_REASON_UNSPECIFIED'
  | 0
  /**
   * The stopping policy.
   */
  | 'END_REASON_POLICY'
  | 1
  /**
   * The longest draft allowed.
   */
  | 'END_REASON_LIMIT'
  | 2
  /**
   * The draft model cannot go on (its context is full, it failed).
   */
  | 'END_REASON_DRAFTER'
  | 3

export type EndReason__Output = typeof EndReason[keyof typeof EndReason]
