// Original file: ../../proto/adaedl/v1/generation.proto


export interface FrontierToken {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId'?: (number);
  /**
   * What the token alone is.
   */
  'bytes'?: (Buffer | Uint8Array | string);
  /**
   * That the text continues with the path to it, 0 to 1: the edge's estimate.
   */
  'chance'?: (number | string);
}

export interface FrontierToken__Output {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId': (number);
  /**
   * What the token alone is.
   */
  'bytes': (Buffer);
  /**
   * That the text continues with the path to it, 0 to 1: the edge's estimate.
   */
  'chance': (number);
}
