// Original file: ../../proto/adaedl/v1/generation.proto

import type { ChatMessage as _adaedl_v1_ChatMessage, ChatMessage__Output as _adaedl_v1_ChatMessage__Output } from '../../adaedl/v1/ChatMessage.ts';

export interface Chat {
  /**
   * 1 or more, in order.
   */
  'messages'?: (_adaedl_v1_ChatMessage)[];
}

export interface Chat__Output {
  /**
   * 1 or more, in order.
   */
  'messages': (_adaedl_v1_ChatMessage__Output)[];
}
