// Original file: ../../proto/adaedl/v1/verification.proto

import type { Opened as _adaedl_v1_Opened, Opened__Output as _adaedl_v1_Opened__Output } from '../../adaedl/v1/Opened.ts';
import type { Verdict as _adaedl_v1_Verdict, Verdict__Output as _adaedl_v1_Verdict__Output } from '../../adaedl/v1/Verdict.ts';
import type { Finished as _adaedl_v1_Finished, Finished__Output as _adaedl_v1_Finished__Output } from '../../adaedl/v1/Finished.ts';
import type { Progress as _adaedl_v1_Progress, Progress__Output as _adaedl_v1_Progress__Output } from '../../adaedl/v1/Progress.ts';

export interface VerifyResponse {
  /**
   * First message of the stream, apart from Progress.
   */
  'opened'?: (_adaedl_v1_Opened | null);
  /**
   * One for each round, in the order of the rounds.
   */
  'verdict'?: (_adaedl_v1_Verdict | null);
  /**
   * Last message of a stream that ends well.
   */
  'finished'?: (_adaedl_v1_Finished | null);
  /**
   * While an answer is awaited, a few times a second at most.
   */
  'progress'?: (_adaedl_v1_Progress | null);
  /**
   * Exactly one.
   */
  'message'?: "opened"|"verdict"|"finished"|"progress";
}

export interface VerifyResponse__Output {
  /**
   * First message of the stream, apart from Progress.
   */
  'opened'?: (_adaedl_v1_Opened__Output | null);
  /**
   * One for each round, in the order of the rounds.
   */
  'verdict'?: (_adaedl_v1_Verdict__Output | null);
  /**
   * Last message of a stream that ends well.
   */
  'finished'?: (_adaedl_v1_Finished__Output | null);
  /**
   * While an answer is awaited, a few times a second at most.
   */
  'progress'?: (_adaedl_v1_Progress__Output | null);
  /**
   * Exactly one.
   */
  'message'?: "opened"|"verdict"|"finished"|"progress";
}
