// Original file: ../../proto/adaedl/v1/generation.proto

import type { FrontierToken as _adaedl_v1_FrontierToken, FrontierToken__Output as _adaedl_v1_FrontierToken__Output } from '../../adaedl/v1/FrontierToken.ts';

/**
 * A place on the path.
 */
export interface FrontierPlace {
  /**
   * The draft token on the path and then its siblings, the likelier first; at most 4.
   */
  'tokens'?: (_adaedl_v1_FrontierToken)[];
}

/**
 * A place on the path.
 */
export interface FrontierPlace__Output {
  /**
   * The draft token on the path and then its siblings, the likelier first; at most 4.
   */
  'tokens': (_adaedl_v1_FrontierToken__Output)[];
}
