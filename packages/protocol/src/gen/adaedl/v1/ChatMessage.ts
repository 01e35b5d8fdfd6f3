// Original file: ../../proto/adaedl/v1/generation.proto


export interface ChatMessage {
  /**
   * user, assistant, system, or what else the template knows.
   */
  'role'?: (string);
  /**
   * Any text.
   */
  'content'?: (string);
}

export interface ChatMessage__Output {
  /**
   * user, assistant, system, or what else the template knows.
   */
  'role': (string);
  /**
   * Any text.
   */
  'content': (string);
}
