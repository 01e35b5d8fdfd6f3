// Original file: ../../proto/adaedl/v1/generation.proto

export const TokenOrigin = {
  /**
   * Not sent.
   */
  TOKEN_ORIGIN_UNSPECIFIED: 'TOKEN_ORIGIN_UNSPECIFIED',
  /**
   * A draft token of the draft service that the target accepted.
   */
  TOKEN_ORIGIN_ACCEPTED: 'TOKEN_ORIGIN_ACCEPTED',
  /**
   * The target's own token where a draft token was rejected.
   */
  TOKEN_ORIGIN_RECOVERED: 'TOKEN_ORIGIN_RECOVERED',
  /**
   * The target's own token after a draft that was accepted whole.
   */
  TOKEN_ORIGIN_BONUS: 'TOKEN_ORIGIN_BONUS',
  /**
   * Decoded by the target alone: no draft token stood there.
   */
  TOKEN_ORIGIN_AUTOREGRESSIVE: 'TOKEN_ORIGIN_AUTOREGRESSIVE',
  /**
   * A draft token of the verifier's own that the target accepted.
   */
  TOKEN_ORIGIN_VERIFIER_DRAFT: 'TOKEN_ORIGIN_VERIFIER_DRAFT',
} as const;

export type TokenOrigin =
  /**
   * Not sent.
   */
  | 'TOKEN_ORIGIN_UNSPECIFIED'
  | 0
  /**
   * A draft token of the draft service that the target accepted.
   */
  | 'TOKEN_ORIGIN_ACCEPTED'
  | 1
  /**
   * The target's own token where a draft token was rejected.
   */
  | 'TOKEN_ORIGIN_RECOVERED'
  | 2
  /**
   * The target's own token after a draft that was accepted whole.
   */
  | 'TOKEN_ORIGIN_BONUS'
  | 3
  /**
   * Decoded by the target alone: no draft token stood there.
   */
  | 'TOKEN_ORIGIN_AUTOREGRESSIVE'
  | 4
  /**
   * A draft token of the verifier's own that the target accepted.
   */
  | 'TOKEN_ORIGIN_VERIFIER_DRAFT'
  | 5

export type TokenOrigin__Output = typeof TokenOrigin[keyof typeof TokenOrigin]
