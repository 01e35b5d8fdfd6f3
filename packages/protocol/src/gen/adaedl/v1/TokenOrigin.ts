// Original file: ../../proto/adaedl/v1/generation.proto

export const TokenOrigin = {
  /**
   * Not sent.
   */
  TOKEN_ORIGIN_UNSPECIFIED: 'TOKEN_ORIGIN_UNSPECIFIED',
  /**
   * A guess of the draft model that the target would have written too.
   */
  TOKEN_ORIGIN_ACCEPTED: 'TOKEN_ORIGIN_ACCEPTED',
  /**
   * The target's own token at a refused guess.
   */
  TOKEN_ORIGIN_RECOVERED: 'TOKEN_ORIGIN_RECOVERED',
  /**
   * The target's own token after a draft that was accepted whole, also after an empty one.
   */
  TOKEN_ORIGIN_BONUS: 'TOKEN_ORIGIN_BONUS',
} as const;

export type TokenOrigin =
  /**
   * Not sent.
   */
  | 'TOKEN_ORIGIN_UNSPECIFIED'
  | 0
  /**
   * A guess of the draft model that the target would have written too.
   */
  | 'TOKEN_ORIGIN_ACCEPTED'
  | 1
  /**
   * The target's own token at a refused guess.
   */
  | 'TOKEN_ORIGIN_RECOVERED'
  | 2
  /**
   * The target's own token after a draft that was accepted whole, also after an empty one.
   */
  | 'TOKEN_ORIGIN_BONUS'
  | 3

export type TokenOrigin__Output = typeof TokenOrigin[keyof typeof TokenOrigin]
