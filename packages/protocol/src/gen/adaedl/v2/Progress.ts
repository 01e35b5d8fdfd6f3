// Original file: ../../proto/adaedl/v2/verification.proto


/**
 * The target completed a forward since the last message of the stream, for this session or another
 * one. A commit may take any time as long as Progress comes; a target that is stuck sends none.
 */
export interface Progress {
}

/**
 * The target completed a forward since the last message of the stream, for this session or another
 * one. A commit may take any time as long as Progress comes; a target that is stuck sends none.
 */
export interface Progress__Output {
}
