// Original file: ../../proto/adaedl/v2/verification.proto

import type { Opened as _adaedl_v2_Opened, Opened__Output as _adaedl_v2_Opened__Output } from '../../adaedl/v2/Opened.ts';
import type { Commit as _adaedl_v2_Commit, Commit__Output as _adaedl_v2_Commit__Output } from '../../adaedl/v2/Commit.ts';
import type { Finished as _adaedl_v2_Finished, Finished__Output as _adaedl_v2_Finished__Output } from '../../adaedl/v2/Finished.ts';
import type { Progress as _adaedl_v2_Progress, Progress__Output as _adaedl_v2_Progress__Output } from '../../adaedl/v2/Progress.ts';

export interface VerifyResponse {
  /**
   * First message of the stream, apart from Progress.
   */
  'opened'?: (_adaedl_v2_Opened | null);
  /**
   * One for each target forward of the session.
   */
  'commit'?: (_adaedl_v2_Commit | null);
  /**
   * Last message of a stream that ends well.
   */
  'finished'?: (_adaedl_v2_Finished | null);
  /**
   * While nothing else is sent, a few times a second at most.
   */
  'progress'?: (_adaedl_v2_Progress | null);
  /**
   * Exactly one.
   */
  'message'?: "opened"|"commit"|"finished"|"progress";
}

export interface VerifyResponse__Output {
  /**
   * First message of the stream, apart from Progress.
   */
  'opened'?: (_adaedl_v2_Opened__Output | null);
  /**
   * One for each target forward of the session.
   */
  'commit'?: (_adaedl_v2_Commit__Output | null);
  /**
   * Last message of a stream that ends well.
   */
  'finished'?: (_adaedl_v2_Finished__Output | null);
  /**
   * While nothing else is sent, a few times a second at most.
   */
  'progress'?: (_adaedl_v2_Progress__Output | null);
  /**
   * Exactly one.
   */
  'message'?: "opened"|"commit"|"finished"|"progress";
}
