// Original file: ../../proto/google/rpc/error_details.proto


export interface _google_rpc_BadRequest_FieldViolation {
  /**
   * The field, in the names of the message it stands in.
   */
  'field'?: (string);
  /**
   * What its rule is, and what it was.
   */
  'description'?: (string);
}

export interface _google_rpc_BadRequest_FieldViolation__Output {
  /**
   * The field, in the names of the message it stands in.
   */
  'field': (string);
  /**
   * What its rule is, and what it was.
   */
  'description': (string);
}

/**
 * What is wrong with the request.
 */
export interface BadRequest {
  'fieldViolations'?: (_google_rpc_BadRequest_FieldViolation)[];
}

/**
 * What is wrong with the request.
 */
export interface BadRequest__Output {
  'fieldViolations': (_google_rpc_BadRequest_FieldViolation__Output)[];
}
