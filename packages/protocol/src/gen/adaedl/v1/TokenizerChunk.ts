// Original file: ../../proto/adaedl/v1/verification.proto


export interface TokenizerChunk {
  /**
   * Bytes that follow those of the chunk before.
   */
  'data'?: (Buffer | Uint8Array | string);
}

export interface TokenizerChunk__Output {
  /**
   * Bytes that follow those of the chunk before.
   */
  'data': (Buffer);
}
