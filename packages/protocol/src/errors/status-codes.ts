import type { ErrorCode } from "@adaedl/core";
import { status } from "@grpc/grpc-js";

/** The one table: what each error code is on the wire. */
const statusOfCode = {
  invalid_argument: status.INVALID_ARGUMENT,
  out_of_range: status.OUT_OF_RANGE,
  not_found: status.NOT_FOUND,
  failed_precondition: status.FAILED_PRECONDITION,
  unimplemented: status.UNIMPLEMENTED,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  aborted: status.ABORTED,
  cancelled: status.CANCELLED,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  internal: status.INTERNAL,
} as const satisfies Readonly<Record<ErrorCode, status>>;

const codeOfStatus = new Map(
  Object.entries(statusOfCode).map(([code, status]) => [status as number, code as ErrorCode]),
);

export function grpcStatusOf(code: ErrorCode): status {
  return statusOfCode[code];
}

/** Statuses that none of our codes has (UNKNOWN, DATA_LOSS, …) are `internal`. */
export function errorCodeOf(grpcStatus: number): ErrorCode {
  return codeOfStatus.get(grpcStatus) ?? "internal";
}
