// Original file: ../../proto/adaedl/v1/generation.proto


export interface TokenLogprob {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId'?: (number);
  /**
   * What the token alone is.
   */
  'bytes'?: (Buffer | Uint8Array | string);
  /**
   * Natural, at temperature 1.
   */
  'logprob'?: (number | string);
}

export interface TokenLogprob__Output {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId': (number);
  /**
   * What the token alone is.
   */
  'bytes': (Buffer);
  /**
   * Natural, at temperature 1.
   */
  'logprob': (number);
}
