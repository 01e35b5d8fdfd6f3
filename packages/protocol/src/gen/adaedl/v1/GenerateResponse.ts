// Original file: ../../proto/adaedl/v1/generation.proto

import type { Started as _adaedl_v1_Started, Started__Output as _adaedl_v1_Started__Output } from '../../adaedl/v1/Started.ts';
import type { Token as _adaedl_v1_Token, Token__Output as _adaedl_v1_Token__Output } from '../../adaedl/v1/Token.ts';
import type { GenerationFinished as _adaedl_v1_GenerationFinished, GenerationFinished__Output as _adaedl_v1_GenerationFinished__Output } from '../../adaedl/v1/GenerationFinished.ts';
import type { CommitReport as _adaedl_v1_CommitReport, CommitReport__Output as _adaedl_v1_CommitReport__Output } from '../../adaedl/v1/CommitReport.ts';
import type { Frontier as _adaedl_v1_Frontier, Frontier__Output as _adaedl_v1_Frontier__Output } from '../../adaedl/v1/Frontier.ts';

export interface GenerateResponse {
  /**
   * The first.
   */
  'started'?: (_adaedl_v1_Started | null);
  /**
   * One for each output token.
   */
  'token'?: (_adaedl_v1_Token | null);
  /**
   * The last.
   */
  'finished'?: (_adaedl_v1_GenerationFinished | null);
  /**
   * When asked for: before the tokens of each commit.
   */
  'commit'?: (_adaedl_v1_CommitReport | null);
  /**
   * When asked for: after each draft forward, and after the tokens of each commit.
   */
  'frontier'?: (_adaedl_v1_Frontier | null);
  /**
   * Exactly one.
   */
  'event'?: "started"|"token"|"finished"|"commit"|"frontier";
}

export interface GenerateResponse__Output {
  /**
   * The first.
   */
  'started'?: (_adaedl_v1_Started__Output | null);
  /**
   * One for each output token.
   */
  'token'?: (_adaedl_v1_Token__Output | null);
  /**
   * The last.
   */
  'finished'?: (_adaedl_v1_GenerationFinished__Output | null);
  /**
   * When asked for: before the tokens of each commit.
   */
  'commit'?: (_adaedl_v1_CommitReport__Output | null);
  /**
   * When asked for: after each draft forward, and after the tokens of each commit.
   */
  'frontier'?: (_adaedl_v1_Frontier__Output | null);
  /**
   * Exactly one.
   */
  'event'?: "started"|"token"|"finished"|"commit"|"frontier";
}
