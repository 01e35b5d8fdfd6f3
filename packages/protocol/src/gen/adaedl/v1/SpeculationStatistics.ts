// Original file: ../../proto/adaedl/v1/generation.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Counts and times of one generation; rates are the reader's to derive. Times in milliseconds.
 */
export interface SpeculationStatistics {
  /**
   * Verdicts, those of plain runs among them.
   */
  'numRounds'?: (number);
  /**
   * Guesses sent.
   */
  'numDrafted'?: (number);
  /**
   * Guesses that became part of the text.
   */
  'numAccepted'?: (number);
  /**
   * Forwards of the target for this generation, those of the prompt among them.
   */
  'numTargetForwards'?: (number);
  /**
   * Forwards of the draft model.
   */
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
  /**
   * See bytes_up.
   */
  'bytesDown'?: (number | string | Long);
  /**
   * Waiting for the draft model.
   */
  'draftMs'?: (number | string);
  /**
   * Of the time waiting for verdicts: in the verifier's queue, in target forwards, and the rest.
   */
  'queueMs'?: (number | string);
  /**
   * See queue_ms.
   */
  'verifyMs'?: (number | string);
  /**
   * See queue_ms.
   */
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
  /**
   * Verdicts, those of plain runs among them.
   */
  'numRounds': (number);
  /**
   * Guesses sent.
   */
  'numDrafted': (number);
  /**
   * Guesses that became part of the text.
   */
  'numAccepted': (number);
  /**
   * Forwards of the target for this generation, those of the prompt among them.
   */
  'numTargetForwards': (number);
  /**
   * Forwards of the draft model.
   */
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
  /**
   * See bytes_up.
   */
  'bytesDown': (string);
  /**
   * Waiting for the draft model.
   */
  'draftMs': (number);
  /**
   * Of the time waiting for verdicts: in the verifier's queue, in target forwards, and the rest.
   */
  'queueMs': (number);
  /**
   * See queue_ms.
   */
  'verifyMs': (number);
  /**
   * See queue_ms.
   */
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
