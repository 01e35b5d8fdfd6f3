/** The header of W3C trace context, over gRPC a metadata key. */
export const traceparentKey = "traceparent";

/**
 * What a peer says of the trace a call belongs to.
 * @returns undefined for what is no trace context: nothing about tracing fails a call
 */
export function parseTraceparent(text: unknown): string | undefined {
  const isContext =
    typeof text === "string" && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(text);
  return isContext ? text : undefined;
}
