/**
 * W3C's `traceparent` as it goes from process to process: `00-TRACE-SPAN-FLAGS`, whose fields have fixed
 * places. Cut apart rather than parsed, since that is done several times a round; OpenTelemetry looks at
 * one that came from outside.
 */
export const traceIdOf = (traceparent: string) => traceparent.slice(3, 35);
export const spanIdOf = (traceparent: string) => traceparent.slice(36, 52);

/** The lowest bit of the last of its hexadecimal digits. */
export function isSampled(traceparent: string): boolean {
  const code = traceparent.charCodeAt(54);
  return (code & 1) === (code > nine ? 0 : 1); // 1, 3, … 9 are odd characters; b, d and f are even ones
}

const nine = 57;

/** @param flags 1 when it is sampled */
export function formatTraceparent(traceId: string, spanId: string, flags: number): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`;
}
