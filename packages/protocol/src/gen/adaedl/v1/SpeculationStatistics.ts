// Original file: ../../proto/adaedl/v1/generation.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Counts and times of one generation; rates are the reader's to derive. Times in milliseconds.
 */
export interface SpeculationStatistics {
  'numRounds'?: (number);
  'numDrafted'?: (number);
  'numAccepted'?: (number);
  'numTargetForwards'?: (number);
  'numDraftForwards'?: (number);
  /**
   * Waits for an answer of the verifier: one a round, one for a whole run of plain tokens.
   */
  'numRoundTrips'?: (number);
  /**
   * Streams opened again after the first, whatever the reason.
   */
  'numReopened'?: (number);
  /**
   * Message bytes to and from the verifier, without framing.
   */
  'bytesUp'?: (number | string | Long);
  'bytesDown'?: (number | string | Long);
  /**
   * Waiting for the draft model.
   */
  'draftMs'?: (number | string);
  /**
   * Of the time waiting for verdicts: in the verifier's queue, in target forwards, and the rest.
   */
  'queueMs'?: (number | string);
  'verifyMs'?: (number | string);
  'networkMs'?: (number | string);
  /**
   * From the first round to the last token.
   */
  'durationMs'?: (number | string);
  /**
   * Output tokens decoded plainly although the policy wanted drafts, by why:
   * draft_context, draft_failed, allowance.
   */
  'fallbackTokens'?: ({[key: string]: number});
  /**
   * Those of bytes_up that are guesses.
   */
  'guessBytesUp'?: (number | string | Long);
}

/**
 * Counts and times of one generation; rates are the reader's to derive. Times in milliseconds.
 */
export interface SpeculationStatistics__Output {
  'numRounds': (number);
  'numDrafted': (number);
  'numAccepted': (number);
  'numTargetForwards': (number);
  'numDraftForwards': (number);
  /**
   * Waits for an answer of the verifier: one a round, one for a whole run of plain tokens.
   */
  'numRoundTrips': (number);
  /**
   * Streams opened again after the first, whatever the reason.
   */
  'numReopened': (number);
  /**
   * Message bytes to and from the verifier, without framing.
   */
  'bytesUp': (string);
  'bytesDown': (string);
  /**
   * Waiting for the draft model.
   */
  'draftMs': (number);
  /**
   * Of the time waiting for verdicts: in the verifier's queue, in target forwards, and the rest.
   */
  'queueMs': (number);
  'verifyMs': (number);
  'networkMs': (number);
  /**
   * From the first round to the last token.
   */
  'durationMs': (number);
  /**
   * Output tokens decoded plainly although the policy wanted drafts, by why:
   * draft_context, draft_failed, allowance.
   */
  'fallbackTokens': ({[key: string]: number});
  /**
   * Those of bytes_up that are guesses.
   */
  'guessBytesUp': (string);
}
