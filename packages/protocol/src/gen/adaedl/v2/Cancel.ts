// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * Ends the session. It is answered with Finished. Cancelling the stream ends the session too.
 */
export interface Cancel {
}

/**
 * Ends the session. It is answered with Finished. Cancelling the stream ends the session too.
 */
export interface Cancel__Output {
}
