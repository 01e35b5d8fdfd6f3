// Original file: ../../proto/adaedl/v1/verification.proto


/**
 * Ends the session. Closing or cancelling the stream does the same; this one is answered.
 */
export interface Cancel {
}

/**
 * Ends the session. Closing or cancelling the stream does the same; this one is answered.
 */
export interface Cancel__Output {
}
