// Original file: ../../proto/adaedl/v1/generation.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Counts and times of one generation; rates are the reader's to derive. Times in milliseconds.
 */
export interface SpeculationStatistics {
  /**
   * Commits of the target.
   */
  'numCommits'?: (number);
  /**
   * Draft tokens of the draft service that were verified.
   */
  'numDrafted'?: (number);
  /**
   * Those of them that became part of the text.
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
   * Times that one end waited for the other: once for each session, and for each draft that was
   * verified as a whole. A stream waits once.
   */
  'numRoundTrips'?: (number);
  /**
   * Sessions at a verifier opened again after the first, whatever the reason.
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
   * Spent by the draft model.
   */
  'draftMs'?: (number | string);
  /**
   * Of the time between commits, drafting not counted: in the verifier's queue, in target forwards, and
   * the rest.
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
   * From the begin to the last token.
   */
  'durationMs'?: (number | string);
  /**
   * Output tokens that came without drafts although the policy wanted some, by why:
   * draft_context, draft_failed.
   */
  'fallbackTokens'?: ({[key: string]: number});
  /**
   * Those of bytes_up that are draft tokens.
   */
  'draftTokenBytesUp'?: (number | string | Long);
  /**
   * Draft tokens of the verifier's own that were verified.
   */
  'numVerifierDrafted'?: (number);
  /**
   * Those of them that became part of the text.
   */
  'numVerifierAccepted'?: (number);
  /**
   * Those of num_accepted whose drafters are known, by these: model, suffix, or model,suffix for
   * tokens that both had drafted.
   */
  'acceptedBy'?: ({[key: string]: number});
}

/**
 * Counts and times of one generation; rates are the reader's to derive. Times in milliseconds.
 */
export interface SpeculationStatistics__Output {
  /**
   * Commits of the target.
   */
  'numCommits': (number);
  /**
   * Draft tokens of the draft service that were verified.
   */
  'numDrafted': (number);
  /**
   * Those of them that became part of the text.
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
   * Times that one end waited for the other: once for each session, and for each draft that was
   * verified as a whole. A stream waits once.
   */
  'numRoundTrips': (number);
  /**
   * Sessions at a verifier opened again after the first, whatever the reason.
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
   * Spent by the draft model.
   */
  'draftMs': (number);
  /**
   * Of the time between commits, drafting not counted: in the verifier's queue, in target forwards, and
   * the rest.
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
   * From the begin to the last token.
   */
  'durationMs': (number);
  /**
   * Output tokens that came without drafts although the policy wanted some, by why:
   * draft_context, draft_failed.
   */
  'fallbackTokens': ({[key: string]: number});
  /**
   * Those of bytes_up that are draft tokens.
   */
  'draftTokenBytesUp': (string);
  /**
   * Draft tokens of the verifier's own that were verified.
   */
  'numVerifierDrafted': (number);
  /**
   * Those of them that became part of the text.
   */
  'numVerifierAccepted': (number);
  /**
   * Those of num_accepted whose drafters are known, by these: model, suffix, or model,suffix for
   * tokens that both had drafted.
   */
  'acceptedBy': ({[key: string]: number});
}
