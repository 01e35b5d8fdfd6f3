// Original file: ../../proto/adaedl/v1/verification.proto


export interface TokenizerChunk {
  /**
   * Bytes that follow the previous chunk.
   */
  'data'?: (Buffer | Uint8Array | string);
}

export interface TokenizerChunk__Output {
  /**
   * Bytes that follow the previous chunk.
   */
  'data': (Buffer);
}
