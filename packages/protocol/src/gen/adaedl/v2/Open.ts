// Original file: ../../proto/adaedl/v2/verification.proto

import type { ProtocolVersion as _adaedl_v2_ProtocolVersion, ProtocolVersion__Output as _adaedl_v2_ProtocolVersion__Output } from '../../adaedl/v2/ProtocolVersion.ts';
import type { Vocabulary as _adaedl_v2_Vocabulary, Vocabulary__Output as _adaedl_v2_Vocabulary__Output } from '../../adaedl/v2/Vocabulary.ts';
import type { Sampling as _adaedl_v1_Sampling, Sampling__Output as _adaedl_v1_Sampling__Output } from '../../adaedl/v1/Sampling.ts';
import type { VerificationRule as _adaedl_v1_VerificationRule, VerificationRule__Output as _adaedl_v1_VerificationRule__Output } from '../../adaedl/v1/VerificationRule.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * First message of a stream. The verifier computes the prefix while the first draft tokens come about.
 */
export interface Open {
  /**
   * Chosen by the client, for logs and queues: 1 to 64 letters, digits, - and _.
   */
  'sessionId'?: (string);
  /**
   * What the client speaks; its major must be the verifier's.
   */
  'protocolVersion'?: (_adaedl_v2_ProtocolVersion | null);
  /**
   * What the client's token ids mean; checked against the target's.
   */
  'vocabulary'?: (_adaedl_v2_Vocabulary | null);
  /**
   * At least one token; each below the target's num_token_ids.
   */
  'promptTokenIds'?: (number)[];
  /**
   * The resume prefix: output tokens that are committed already. Empty for a new session.
   */
  'committedTokenIds'?: (number)[];
  /**
   * How tokens are chosen.
   */
  'sampling'?: (_adaedl_v1_Sampling | null);
  /**
   * Where all randomness comes from. 0 to 2^53 - 1.
   */
  'seed'?: (number | string | Long);
  /**
   * How draft tokens are verified.
   */
  'verificationRule'?: (_adaedl_v1_VerificationRule);
  /**
   * Output tokens of the session, those committed already included: 1 to what the target's context
   * has room for.
   */
  'maxTokens'?: (number);
  /**
   * Tokens that end the text when they are committed: at most 256, none of them for a text that ends
   * by its length alone.
   */
  'endTokenIds'?: (number)[];
  /**
   * Forwards may begin while the text, prompt and output, is shorter than this, with draft tokens or
   * without; offers raise it. A stream is some tokens ahead of what its reader has taken. A round
   * (VERIFICATION_RULE_REJECTION, and stopping policies) opens with the text's length, which is none,
   * and its last offer gives credit for one forward: the draft is then verified as it was made.
   */
  'credit'?: (number);
  /**
   * Whether commits carry log-probabilities.
   */
  'wantsLogprobs'?: (boolean);
  /**
   * With log-probabilities: of how many of the most probable tokens besides. 0 to 20.
   */
  'numTopLogprobs'?: (number);
  /**
   * The target model the client knows of, as Describe named it; checked when not empty, so that a
   * session never goes on with another model.
   */
  'modelId'?: (string);
  /**
   * Whether the verifier drafts nothing itself: with no draft tokens offered either, that is plain decoding.
   */
  'edgeDraftsOnly'?: (boolean);
  /**
   * Of how many of the target's likeliest tokens commits name the ids, for a drafter that learns from
   * them. 0 to 8.
   */
  'numSuccessors'?: (number);
  /**
   * The precision of the target's weights, as Describe named it; checked when not empty, as model_id is: it
   * is part of what the text depends on.
   */
  'weights'?: (string);
  /**
   * The numerics of the target that committed the last of the committed tokens, as Opened named them; empty: not
   * known, or there are no such tokens. A verifier that requires the same ones refuses a session with others
   * (FAILED_PRECONDITION); any other one counts a text that goes on with others.
   */
  'numerics'?: (string);
}

/**
 * First message of a stream. The verifier computes the prefix while the first draft tokens come about.
 */
export interface Open__Output {
  /**
   * Chosen by the client, for logs and queues: 1 to 64 letters, digits, - and _.
   */
  'sessionId': (string);
  /**
   * What the client speaks; its major must be the verifier's.
   */
  'protocolVersion': (_adaedl_v2_ProtocolVersion__Output | null);
  /**
   * What the client's token ids mean; checked against the target's.
   */
  'vocabulary': (_adaedl_v2_Vocabulary__Output | null);
  /**
   * At least one token; each below the target's num_token_ids.
   */
  'promptTokenIds': (number)[];
  /**
   * The resume prefix: output tokens that are committed already. Empty for a new session.
   */
  'committedTokenIds': (number)[];
  /**
   * How tokens are chosen.
   */
  'sampling': (_adaedl_v1_Sampling__Output | null);
  /**
   * Where all randomness comes from. 0 to 2^53 - 1.
   */
  'seed': (string);
  /**
   * How draft tokens are verified.
   */
  'verificationRule': (_adaedl_v1_VerificationRule__Output);
  /**
   * Output tokens of the session, those committed already included: 1 to what the target's context
   * has room for.
   */
  'maxTokens': (number);
  /**
   * Tokens that end the text when they are committed: at most 256, none of them for a text that ends
   * by its length alone.
   */
  'endTokenIds': (number)[];
  /**
   * Forwards may begin while the text, prompt and output, is shorter than this, with draft tokens or
   * without; offers raise it. A stream is some tokens ahead of what its reader has taken. A round
   * (VERIFICATION_RULE_REJECTION, and stopping policies) opens with the text's length, which is none,
   * and its last offer gives credit for one forward: the draft is then verified as it was made.
   */
  'credit': (number);
  /**
   * Whether commits carry log-probabilities.
   */
  'wantsLogprobs': (boolean);
  /**
   * With log-probabilities: of how many of the most probable tokens besides. 0 to 20.
   */
  'numTopLogprobs': (number);
  /**
   * The target model the client knows of, as Describe named it; checked when not empty, so that a
   * session never goes on with another model.
   */
  'modelId': (string);
  /**
   * Whether the verifier drafts nothing itself: with no draft tokens offered either, that is plain decoding.
   */
  'edgeDraftsOnly': (boolean);
  /**
   * Of how many of the target's likeliest tokens commits name the ids, for a drafter that learns from
   * them. 0 to 8.
   */
  'numSuccessors': (number);
  /**
   * The precision of the target's weights, as Describe named it; checked when not empty, as model_id is: it
   * is part of what the text depends on.
   */
  'weights': (string);
  /**
   * The numerics of the target that committed the last of the committed tokens, as Opened named them; empty: not
   * known, or there are no such tokens. A verifier that requires the same ones refuses a session with others
   * (FAILED_PRECONDITION); any other one counts a text that goes on with others.
   */
  'numerics': (string);
}
