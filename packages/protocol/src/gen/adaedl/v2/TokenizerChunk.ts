// Original file: ../../proto/adaedl/v2/verification.proto


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
