import { AdaedlError } from "@adaedl/core";
import { type ServiceError, status } from "@grpc/grpc-js";

/**
 * The error of a message that is too large for this or the other side. The library's own code for it is that
 * of an overload, upon which callers try again for ever.
 * @param field what makes the message large
 * @returns undefined for any other error
 */
export function messageSizeError(error: ServiceError, field: string): AdaedlError | undefined {
  const [, limit] = /\blarger than (?:max \(\d+ vs\.? )?(\d+)\)?$/.exec(error.details) ?? [];
  if (error.code !== status.RESOURCE_EXHAUSTED || limit === undefined) return undefined;
  const message = `${field} must fit into a message of ${limit} bytes`;
  return new AdaedlError("out_of_range", message, { field, cause: error });
}
