// Original file: ../../proto/adaedl/v2/verification.proto

import type { TopLogprobs as _adaedl_v2_TopLogprobs, TopLogprobs__Output as _adaedl_v2_TopLogprobs__Output } from '../../adaedl/v2/TopLogprobs.ts';

/**
 * Tokens that the target appended to the text in one forward: the draft tokens it accepted, and one of
 * its own. An end token among the accepted ones is the last.
 */
export interface Commit {
  /**
   * Length of the text before them.
   */
  'position'?: (number);
  /**
   * 1 to num_accepted + 1.
   */
  'tokenIds'?: (number)[];
  /**
   * Draft tokens in the forward, 0 to 64.
   */
  'numJudged'?: (number);
  /**
   * How many of them, from the first, were accepted.
   */
  'numAccepted'?: (number);
  /**
   * Time from when the text could have been in a forward to when it was, and time of the forward, in
   * milliseconds.
   */
  'queueMs'?: (number | string);
  /**
   * See queue_ms.
   */
  'verifyMs'?: (number | string);
  /**
   * Sessions in the forward, 1 or more.
   */
  'batchSize'?: (number);
  /**
   * When asked for: the target's natural log-probability (temperature 1) of each of token_ids.
   */
  'logprobs'?: (number | string)[];
  /**
   * When asked for: the most probable tokens at each of these places.
   */
  'topLogprobs'?: (_adaedl_v2_TopLogprobs)[];
  /**
   * How many of num_judged are draft tokens of the verifier's own: the last ones.
   */
  'numVerifierDrafted'?: (number);
  /**
   * When asked for, though a verifier may leave them out: the ids of the target's likeliest tokens in the
   * place of each of token_ids, the likeliest first, one place after the other: num_successors for each,
   * or all that the target has. Before penalties and biases.
   */
  'successors'?: (number)[];
}

/**
 * Tokens that the target appended to the text in one forward: the draft tokens it accepted, and one of
 * its own. An end token among the accepted ones is the last.
 */
export interface Commit__Output {
  /**
   * Length of the text before them.
   */
  'position': (number);
  /**
   * 1 to num_accepted + 1.
   */
  'tokenIds': (number)[];
  /**
   * Draft tokens in the forward, 0 to 64.
   */
  'numJudged': (number);
  /**
   * How many of them, from the first, were accepted.
   */
  'numAccepted': (number);
  /**
   * Time from when the text could have been in a forward to when it was, and time of the forward, in
   * milliseconds.
   */
  'queueMs': (number);
  /**
   * See queue_ms.
   */
  'verifyMs': (number);
  /**
   * Sessions in the forward, 1 or more.
   */
  'batchSize': (number);
  /**
   * When asked for: the target's natural log-probability (temperature 1) of each of token_ids.
   */
  'logprobs': (number)[];
  /**
   * When asked for: the most probable tokens at each of these places.
   */
  'topLogprobs': (_adaedl_v2_TopLogprobs__Output)[];
  /**
   * How many of num_judged are draft tokens of the verifier's own: the last ones.
   */
  'numVerifierDrafted': (number);
  /**
   * When asked for, though a verifier may leave them out: the ids of the target's likeliest tokens in the
   * place of each of token_ids, the likeliest first, one place after the other: num_successors for each,
   * or all that the target has. Before penalties and biases.
   */
  'successors': (number)[];
}
