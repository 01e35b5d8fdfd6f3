// Original file: ../../proto/adaedl/v1/verification.proto


/**
 * Ends the session, a plain run in the middle. It is answered with Finished. Cancelling the stream
 * ends the session too; closing one's side ends it when what was asked for is answered.
 */
export interface Cancel {
}

/**
 * Ends the session, a plain run in the middle. It is answered with Finished. Cancelling the stream
 * ends the session too; closing one's side ends it when what was asked for is answered.
 */
export interface Cancel__Output {
}
