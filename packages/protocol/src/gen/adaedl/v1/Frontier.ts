// Original file: ../../proto/adaedl/v1/generation.proto

import type { FrontierPlace as _adaedl_v1_FrontierPlace, FrontierPlace__Output as _adaedl_v1_FrontierPlace__Output } from '../../adaedl/v1/FrontierPlace.ts';

/**
 * How far the draft model is ahead of the target: the likeliest path of draft tokens in flight.
 */
export interface Frontier {
  /**
   * Tokens on that path.
   */
  'distance'?: (number);
  /**
   * The path from the end of the text; of a long one the first dozen.
   */
  'places'?: (_adaedl_v1_FrontierPlace)[];
}

/**
 * How far the draft model is ahead of the target: the likeliest path of draft tokens in flight.
 */
export interface Frontier__Output {
  /**
   * Tokens on that path.
   */
  'distance': (number);
  /**
   * The path from the end of the text; of a long one the first dozen.
   */
  'places': (_adaedl_v1_FrontierPlace__Output)[];
}
