// Original file: ../../proto/adaedl/v2/verification.proto

import type { Fence as _adaedl_v2_Fence, Fence__Output as _adaedl_v2_Fence__Output } from '../../adaedl/v2/Fence.ts';
import type { GuessDistributions as _adaedl_v2_GuessDistributions, GuessDistributions__Output as _adaedl_v2_GuessDistributions__Output } from '../../adaedl/v2/GuessDistributions.ts';

/**
 * Draft tokens: nodes of a tree whose root is a place in the text. Nodes have ids, counted from 1 in
 * the order in which a stream sends them. A draft token that arrives late, or below one that was
 * dropped, is no error: it is dropped too.
 * 
 * Node i is parent_offsets[i], token_ids[i] and chances[i]: lists of one length, 0 to 256. In this form
 * a node takes four to five bytes, and a message some 14 more. Messages after the Open are at
 * most 160 KiB.
 */
export interface Offer {
  /**
   * The prefix of the text from which nodes without a parent grow; all nodes sent before are dropped.
   * Absent where the tree goes on.
   */
  'base'?: (_adaedl_v2_Fence | null);
  /**
   * Id of the first node; 1 or more. One more than the last node sent: of nodes that come twice, or
   * late, the first arrival counts. Without nodes: the id that the next node will have.
   */
  'firstId'?: (number);
  /**
   * How many ids before the node its parent is, 1 to id - 1; 0: it has none and follows the base.
   */
  'parentOffsets'?: (number)[];
  /**
   * Each below the verifier's num_token_ids.
   */
  'tokenIds'?: (number)[];
  /**
   * How likely the edge takes each token to be the target's, given its parent; a byte each. Byte b
   * stands for the chance e^(-b/32): 1 for byte 0, 0.00035 for 255. It decides which draft tokens are
   * worth a place in a forward and changes nothing about the text.
   */
  'chances'?: (Buffer | Uint8Array | string);
  /**
   * With VERIFICATION_RULE_REJECTION only, and there for all nodes.
   */
  'distributions'?: (_adaedl_v2_GuessDistributions | null);
  /**
   * Forwards may begin while the text is shorter than this. It never shrinks: a lower one is late. An
   * offer without nodes raises this alone. With VERIFICATION_RULE_REJECTION, once nodes are sent: for one
   * commit at most.
   */
  'credit'?: (number);
}

/**
 * Draft tokens: nodes of a tree whose root is a place in the text. Nodes have ids, counted from 1 in
 * the order in which a stream sends them. A draft token that arrives late, or below one that was
 * dropped, is no error: it is dropped too.
 * 
 * Node i is parent_offsets[i], token_ids[i] and chances[i]: lists of one length, 0 to 256. In this form
 * a node takes four to five bytes, and a message some 14 more. Messages after the Open are at
 * most 160 KiB.
 */
export interface Offer__Output {
  /**
   * The prefix of the text from which nodes without a parent grow; all nodes sent before are dropped.
   * Absent where the tree goes on.
   */
  'base': (_adaedl_v2_Fence__Output | null);
  /**
   * Id of the first node; 1 or more. One more than the last node sent: of nodes that come twice, or
   * late, the first arrival counts. Without nodes: the id that the next node will have.
   */
  'firstId': (number);
  /**
   * How many ids before the node its parent is, 1 to id - 1; 0: it has none and follows the base.
   */
  'parentOffsets': (number)[];
  /**
   * Each below the verifier's num_token_ids.
   */
  'tokenIds': (number)[];
  /**
   * How likely the edge takes each token to be the target's, given its parent; a byte each. Byte b
   * stands for the chance e^(-b/32): 1 for byte 0, 0.00035 for 255. It decides which draft tokens are
   * worth a place in a forward and changes nothing about the text.
   */
  'chances': (Buffer);
  /**
   * With VERIFICATION_RULE_REJECTION only, and there for all nodes.
   */
  'distributions': (_adaedl_v2_GuessDistributions__Output | null);
  /**
   * Forwards may begin while the text is shorter than this. It never shrinks: a lower one is late. An
   * offer without nodes raises this alone. With VERIFICATION_RULE_REJECTION, once nodes are sent: for one
   * commit at most.
   */
  'credit': (number);
}
