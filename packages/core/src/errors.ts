/**
 * The closed catalogue of error codes. Each maps to one gRPC status and one HTTP status, so a code
 * means the same in a library call, on the wire and in a log line.
 */
export const errorCodes = [
  "invalid_argument",
  "out_of_range",
  "not_found",
  "failed_precondition",
  "unimplemented",
  "resource_exhausted",
  "unavailable",
  "aborted",
  "cancelled",
  "deadline_exceeded",
  "unauthenticated",
  "permission_denied",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  /** The input field, file or tensor the error is about. */
  readonly field?: string;
  /** The offending value, as it was given. */
  readonly value?: unknown;
  /**
   * When it is worth trying again, in milliseconds from now; for `resource_exhausted`. From 0 to
   * `maxRetryAfterMs`: what lies outside is taken as the nearer of these.
   */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class of the project. `message` is a single line that names the field, the value
 * and the rule; everything a caller may branch on is in `code`.
 */
export class AdaedlError extends Error {
  override readonly name = "AdaedlError";
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly value: unknown;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.field = details.field;
    this.value = details.value;
    this.retryAfterMs = boundRetryAfter(details.retryAfterMs);
  }

  /** Turns anything thrown into an AdaedlError: aborts become `cancelled` or `deadline_exceeded`. */
  static from(thrown: unknown): AdaedlError {
    if (thrown instanceof AdaedlError) return thrown;
    if (!(thrown instanceof Error)) return new AdaedlError("internal", String(thrown));
    if (thrown.name === "AbortError")
      return new AdaedlError("cancelled", "the request was cancelled", { cause: thrown });
    if (thrown.name === "TimeoutError")
      return new AdaedlError("deadline_exceeded", "the deadline passed", { cause: thrown });
    return new AdaedlError("internal", thrown.message, { cause: thrown });
  }

  /** The error of an aborted signal: `cancelled` whatever the reason, unless the reason says more. */
  static fromAbort(reason: unknown): AdaedlError {
    const error = AdaedlError.from(reason);
    if (error.code !== "internal") return error;
    return new AdaedlError("cancelled", `the request was cancelled: ${error.message}`, {
      cause: reason,
    });
  }
}

/** Longest `retryAfterMs`: an hour. Peers may ask for any time, and timers take 24 days at most. */
export const maxRetryAfterMs = 3_600_000;

function boundRetryAfter(ms: number | undefined): number | undefined {
  return ms === undefined || Number.isNaN(ms)
    ? undefined
    : Math.min(maxRetryAfterMs, Math.max(0, ms));
}

/**
 * The `invalid_argument` error of one field, in the one wording that every validation uses.
 * @param value undefined where the field is missing: the rule alone says so
 */
export function invalidField(field: string, value: unknown, rule: string): AdaedlError {
  const got = value === undefined ? "" : `, got ${displayValue(value)}`;
  return new AdaedlError("invalid_argument", `${field} ${rule}${got}`, {
    field,
    value,
  });
}

/** Throws what the signal was aborted with, as an AdaedlError; does nothing while it is not. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw AdaedlError.fromAbort(signal.reason);
}

const maxDisplayed = 80;

/** A value as error messages show it: strings, lists and objects as JSON, at most 80 characters. */
export function displayValue(value: unknown): string {
  const isPlain = typeof value !== "string" && (typeof value !== "object" || value === null);
  const text = isPlain ? String(value) : json(value);
  return text.length > maxDisplayed ? `${text.slice(0, maxDisplayed - 3)}...` : text;
}

function json(value: unknown): string {
  let numLeft = maxDisplayed; // each value takes a character: however many there are, no more are looked at
  try {
    return JSON.stringify(value, (_, inner: unknown) =>
      numLeft-- > 0 ? beginningOf(inner) : null,
    );
  } catch {
    return Array.isArray(value) ? "a list" : "an object"; // with a value that JSON has not
  }
}

function beginningOf(value: unknown): unknown {
  if (typeof value === "string" || Array.isArray(value)) return value.slice(0, maxDisplayed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).slice(0, maxDisplayed));
}
