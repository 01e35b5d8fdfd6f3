// Original file: ../../proto/google/rpc/status.proto

import type { Any as _google_protobuf_Any, Any__Output as _google_protobuf_Any__Output } from '../../google/protobuf/Any.ts';

export interface Status {
  /**
   * A gRPC status code, the same as the call's.
   */
  'code'?: (number);
  /**
   * One line that names the field, the value and the rule.
   */
  'message'?: (string);
  /**
   * BadRequest, RetryInfo and ErrorInfo, each at most once.
   */
  'details'?: (_google_protobuf_Any)[];
}

export interface Status__Output {
  /**
   * A gRPC status code, the same as the call's.
   */
  'code': (number);
  /**
   * One line that names the field, the value and the rule.
   */
  'message': (string);
  /**
   * BadRequest, RetryInfo and ErrorInfo, each at most once.
   */
  'details': (_google_protobuf_Any__Output)[];
}
