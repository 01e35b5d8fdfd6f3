// Original file: ../../proto/adaedl/v1/generation.proto


export interface DraftToken {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId'?: (number);
  /**
   * What the token alone is.
   */
  'bytes'?: (Buffer | Uint8Array | string);
  /**
   * Of the draft's adjusted distribution, in nats, 0 or more, where the draft model
   * looked at this place.
   */
  'entropy'?: (number | string);
  '_entropy'?: "entropy";
}

export interface DraftToken__Output {
  /**
   * Below the target's vocabulary size.
   */
  'tokenId': (number);
  /**
   * What the token alone is.
   */
  'bytes': (Buffer);
  /**
   * Of the draft's adjusted distribution, in nats, 0 or more, where the draft model
   * looked at this place.
   */
  'entropy'?: (number);
  '_entropy'?: "entropy";
}
