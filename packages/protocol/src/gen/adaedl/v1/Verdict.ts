// Original file: ../../proto/adaedl/v1/verification.proto

import type { TopLogprobs as _adaedl_v1_TopLogprobs, TopLogprobs__Output as _adaedl_v1_TopLogprobs__Output } from '../../adaedl/v1/TopLogprobs.ts';

/**
 * The target's word on a round.
 */
export interface Verdict {
  /**
   * The round it is on, or the number of a token of a plain run.
   */
  'round'?: (number);
  /**
   * How many guesses, from the first, became part of the text.
   */
  'numAccepted'?: (number);
  /**
   * The token after them: recovered where a guess was refused, otherwise the bonus.
   */
  'nextTokenId'?: (number);
  /**
   * Prompt and output tokens after this verdict.
   */
  'committedLength'?: (number);
  /**
   * Time the round waited for its step, and time of the step's forward, in milliseconds.
   */
  'queueMs'?: (number | string);
  /**
   * See queue_ms.
   */
  'verifyMs'?: (number | string);
  /**
   * Sessions in that step, 1 or more.
   */
  'batchSize'?: (number);
  /**
   * Longest draft of the next round, 0 to 64; 0 asks for plain decoding.
   */
  'maxDraftLength'?: (number);
  /**
   * When asked for: the target's natural log-probability (temperature 1) of each accepted guess and
   * of the next token. [num_accepted + 1]
   */
  'logprobs'?: (number | string)[];
  /**
   * When asked for: the most probable tokens at each of these places. [num_accepted + 1]
   */
  'topLogprobs'?: (_adaedl_v1_TopLogprobs)[];
}

/**
 * The target's word on a round.
 */
export interface Verdict__Output {
  /**
   * The round it is on, or the number of a token of a plain run.
   */
  'round': (number);
  /**
   * How many guesses, from the first, became part of the text.
   */
  'numAccepted': (number);
  /**
   * The token after them: recovered where a guess was refused, otherwise the bonus.
   */
  'nextTokenId': (number);
  /**
   * Prompt and output tokens after this verdict.
   */
  'committedLength': (number);
  /**
   * Time the round waited for its step, and time of the step's forward, in milliseconds.
   */
  'queueMs': (number);
  /**
   * See queue_ms.
   */
  'verifyMs': (number);
  /**
   * Sessions in that step, 1 or more.
   */
  'batchSize': (number);
  /**
   * Longest draft of the next round, 0 to 64; 0 asks for plain decoding.
   */
  'maxDraftLength': (number);
  /**
   * When asked for: the target's natural log-probability (temperature 1) of each accepted guess and
   * of the next token. [num_accepted + 1]
   */
  'logprobs': (number)[];
  /**
   * When asked for: the most probable tokens at each of these places. [num_accepted + 1]
   */
  'topLogprobs': (_adaedl_v1_TopLogprobs__Output)[];
}
