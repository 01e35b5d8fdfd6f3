// Original file: ../../proto/adaedl/v1/generation.proto

import type { DraftedGuess as _adaedl_v1_DraftedGuess, DraftedGuess__Output as _adaedl_v1_DraftedGuess__Output } from '../../adaedl/v1/DraftedGuess.ts';
import type { EndReason as _adaedl_v1_EndReason, EndReason__Output as _adaedl_v1_EndReason__Output } from '../../adaedl/v1/EndReason.ts';

/**
 * One round, for who watches. Times in milliseconds.
 */
export interface RoundReport {
  /**
   * 0 for the first.
   */
  'number'?: (number);
  /**
   * The draft, in order; empty where the round was plain.
   */
  'guesses'?: (_adaedl_v1_DraftedGuess)[];
  /**
   * How many of them the target accepted; a stop may cut the text before.
   */
  'numAccepted'?: (number);
  /**
   * Why the draft ended.
   */
  'endReason'?: (_adaedl_v1_EndReason);
  /**
   * The entropy in nats above which the policy ends a draft, as it stood in this round, where it has
   * such a threshold.
   */
  'entropyThreshold'?: (number | string);
  /**
   * Waiting for the draft model.
   */
  'draftMs'?: (number | string);
  /**
   * Waiting for the verdict, drafting not counted; of which in the verifier's queue, and in the
   * target's forward. The rest is the way there and back.
   */
  'waitMs'?: (number | string);
  /**
   * See wait_ms.
   */
  'queueMs'?: (number | string);
  /**
   * See wait_ms.
   */
  'verifyMs'?: (number | string);
  '_entropyThreshold'?: "entropyThreshold";
}

/**
 * One round, for who watches. Times in milliseconds.
 */
export interface RoundReport__Output {
  /**
   * 0 for the first.
   */
  'number': (number);
  /**
   * The draft, in order; empty where the round was plain.
   */
  'guesses': (_adaedl_v1_DraftedGuess__Output)[];
  /**
   * How many of them the target accepted; a stop may cut the text before.
   */
  'numAccepted': (number);
  /**
   * Why the draft ended.
   */
  'endReason': (_adaedl_v1_EndReason__Output);
  /**
   * The entropy in nats above which the policy ends a draft, as it stood in this round, where it has
   * such a threshold.
   */
  'entropyThreshold'?: (number);
  /**
   * Waiting for the draft model.
   */
  'draftMs': (number);
  /**
   * Waiting for the verdict, drafting not counted; of which in the verifier's queue, and in the
   * target's forward. The rest is the way there and back.
   */
  'waitMs': (number);
  /**
   * See wait_ms.
   */
  'queueMs': (number);
  /**
   * See wait_ms.
   */
  'verifyMs': (number);
  '_entropyThreshold'?: "entropyThreshold";
}
