// Original file: ../../proto/adaedl/v1/sampling.proto

/**
 * How a guess is judged.
 */
export const VerificationRule = {
  /**
   * Stands for VERIFICATION_RULE_SHARED_NOISE.
   */
  VERIFICATION_RULE_UNSPECIFIED: 'VERIFICATION_RULE_UNSPECIFIED',
  /**
   * A guess is accepted when draft and target choose the same token under the same noise.
   */
  VERIFICATION_RULE_SHARED_NOISE: 'VERIFICATION_RULE_SHARED_NOISE',
  /**
   * A guess is accepted with probability min(1, target / draft). Needs `DraftToken.distribution`.
   */
  VERIFICATION_RULE_REJECTION: 'VERIFICATION_RULE_REJECTION',
} as const;

/**
 * How a guess is judged.
 */
export type VerificationRule =
  /**
   * Stands for VERIFICATION_RULE_SHARED_NOISE.
   */
  | 'VERIFICATION_RULE_UNSPECIFIED'
  | 0
  /**
   * A guess is accepted when draft and target choose the same token under the same noise.
   */
  | 'VERIFICATION_RULE_SHARED_NOISE'
  | 1
  /**
   * A guess is accepted with probability min(1, target / draft). Needs `DraftToken.distribution`.
   */
  | 'VERIFICATION_RULE_REJECTION'
  | 2

/**
 * How a guess is judged.
 */
export type VerificationRule__Output = typeof VerificationRule[keyof typeof VerificationRule]
