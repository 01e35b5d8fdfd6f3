// Original file: ../../proto/adaedl/v1/generation.proto

import type { TokenIds as _adaedl_v1_TokenIds, TokenIds__Output as _adaedl_v1_TokenIds__Output } from '../../adaedl/v1/TokenIds.ts';
import type { Chat as _adaedl_v1_Chat, Chat__Output as _adaedl_v1_Chat__Output } from '../../adaedl/v1/Chat.ts';
import type { Sampling as _adaedl_v1_Sampling, Sampling__Output as _adaedl_v1_Sampling__Output } from '../../adaedl/v1/Sampling.ts';
import type { VerificationRule as _adaedl_v1_VerificationRule, VerificationRule__Output as _adaedl_v1_VerificationRule__Output } from '../../adaedl/v1/VerificationRule.ts';
import type { Long } from '@grpc/proto-loader';

export interface GenerateRequest {
  /**
   * The text to continue.
   */
  'text'?: (string);
  /**
   * Token ids to continue: at least one, each below the target's vocabulary size.
   */
  'tokenIds'?: (_adaedl_v1_TokenIds | null);
  /**
   * A conversation, rendered with the model's chat template.
   */
  'chat'?: (_adaedl_v1_Chat | null);
  /**
   * Output tokens, 1 or more; default 128, or what fits into the target's context.
   */
  'maxTokens'?: (number);
  /**
   * How tokens are chosen.
   */
  'sampling'?: (_adaedl_v1_Sampling | null);
  /**
   * The same seed gives the same text. 0 to 2^53 - 1; default: a random one.
   */
  'seed'?: (number | string | Long);
  /**
   * Strings that end the output; they are not part of it. At most 16, none empty.
   */
  'stop'?: (string)[];
  /**
   * Go on after an end token.
   */
  'ignoreEos'?: (boolean);
  /**
   * How to draft: a policy such as none, stream, static:4 or adaedl:lambda=0.7; default: the service's own.
   */
  'policy'?: (string);
  /**
   * Longest draft of a round, 0 to 64, where the policy drafts in rounds; 0 drafts nothing under any
   * policy. Default: what the policy wants.
   */
  'maxDraft'?: (number);
  /**
   * How draft tokens are verified.
   */
  'verificationRule'?: (_adaedl_v1_VerificationRule);
  /**
   * Whether tokens carry log-probabilities.
   */
  'wantsLogprobs'?: (boolean);
  /**
   * With them, those of so many of the target's most probable tokens. 0 to 20.
   */
  'numTopLogprobs'?: (number);
  /**
   * Whether commits and the frontier are reported, and tokens spelled out.
   */
  'wantsDetails'?: (boolean);
  /**
   * Without max_tokens: as many output tokens as fit into the target's context.
   */
  'untilContextEnds'?: (boolean);
  /**
   * Whether Started repeats the prompt.
   */
  'wantsPrompt'?: (boolean);
  /**
   * What to continue: exactly one.
   */
  'prompt'?: "text"|"tokenIds"|"chat";
  '_maxTokens'?: "maxTokens";
  '_seed'?: "seed";
  '_policy'?: "policy";
  '_maxDraft'?: "maxDraft";
}

export interface GenerateRequest__Output {
  /**
   * The text to continue.
   */
  'text'?: (string);
  /**
   * Token ids to continue: at least one, each below the target's vocabulary size.
   */
  'tokenIds'?: (_adaedl_v1_TokenIds__Output | null);
  /**
   * A conversation, rendered with the model's chat template.
   */
  'chat'?: (_adaedl_v1_Chat__Output | null);
  /**
   * Output tokens, 1 or more; default 128, or what fits into the target's context.
   */
  'maxTokens'?: (number);
  /**
   * How tokens are chosen.
   */
  'sampling': (_adaedl_v1_Sampling__Output | null);
  /**
   * The same seed gives the same text. 0 to 2^53 - 1; default: a random one.
   */
  'seed'?: (string);
  /**
   * Strings that end the output; they are not part of it. At most 16, none empty.
   */
  'stop': (string)[];
  /**
   * Go on after an end token.
   */
  'ignoreEos': (boolean);
  /**
   * How to draft: a policy such as none, stream, static:4 or adaedl:lambda=0.7; default: the service's own.
   */
  'policy'?: (string);
  /**
   * Longest draft of a round, 0 to 64, where the policy drafts in rounds; 0 drafts nothing under any
   * policy. Default: what the policy wants.
   */
  'maxDraft'?: (number);
  /**
   * How draft tokens are verified.
   */
  'verificationRule': (_adaedl_v1_VerificationRule__Output);
  /**
   * Whether tokens carry log-probabilities.
   */
  'wantsLogprobs': (boolean);
  /**
   * With them, those of so many of the target's most probable tokens. 0 to 20.
   */
  'numTopLogprobs': (number);
  /**
   * Whether commits and the frontier are reported, and tokens spelled out.
   */
  'wantsDetails': (boolean);
  /**
   * Without max_tokens: as many output tokens as fit into the target's context.
   */
  'untilContextEnds': (boolean);
  /**
   * Whether Started repeats the prompt.
   */
  'wantsPrompt': (boolean);
  /**
   * What to continue: exactly one.
   */
  'prompt'?: "text"|"tokenIds"|"chat";
  '_maxTokens'?: "maxTokens";
  '_seed'?: "seed";
  '_policy'?: "policy";
  '_maxDraft'?: "maxDraft";
}
