// Original file: ../../proto/adaedl/v2/verification.proto


export interface VerifierLimits {
  /**
   * Most draft tokens of a session that it verifies in one forward, 1 to 64.
   */
  'maxDraftLength'?: (number);
  /**
   * Sessions at a time, of all clients.
   */
  'maxSessions'?: (number);
  /**
   * Prompt tokens + max_tokens of one client's running sessions.
   */
  'maxClientTokens'?: (number);
  /**
   * Largest Open in bytes: a text that fills the target's context. Messages after it are smaller.
   */
  'maxMessageBytes'?: (number);
  /**
   * A session in which nothing happens for so long is ended, in milliseconds.
   */
  'idleTimeoutMs'?: (number);
}

export interface VerifierLimits__Output {
  /**
   * Most draft tokens of a session that it verifies in one forward, 1 to 64.
   */
  'maxDraftLength': (number);
  /**
   * Sessions at a time, of all clients.
   */
  'maxSessions': (number);
  /**
   * Prompt tokens + max_tokens of one client's running sessions.
   */
  'maxClientTokens': (number);
  /**
   * Largest Open in bytes: a text that fills the target's context. Messages after it are smaller.
   */
  'maxMessageBytes': (number);
  /**
   * A session in which nothing happens for so long is ended, in milliseconds.
   */
  'idleTimeoutMs': (number);
}
