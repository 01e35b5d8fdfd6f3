import { AdaedlError, errorCodes } from "@adaedl/core";
import * as z from "zod/mini";

export const id = z.string().check(z.minLength(1), z.maxLength(200));
export const count = z.int().check(z.nonnegative());

/** How long a failure may ask its reader to wait: more is not meant, or not honest. */
const maxRetryAfterMs = 60_000;

/** A failure, as it crosses. */
export const failure = z.object({
  code: z.enum(errorCodes),
  message: z.string().check(z.maxLength(2_000)),
  field: z.optional(z.string().check(z.maxLength(200))),
  value: z.optional(z.union([z.string().check(z.maxLength(2_000)), z.number(), z.boolean()])),
  retryAfterMs: z.optional(
    z.pipe(
      z.number().check(z.nonnegative()),
      z.transform((ms) => Math.min(ms, maxRetryAfterMs)),
    ),
  ),
});
type Failure = z.infer<typeof failure>;

export function encodeFailure(thrown: unknown): Failure {
  const { code, message, field, value, retryAfterMs } = AdaedlError.from(thrown);
  const isPlain = ["number", "boolean"].includes(typeof value) && !Number.isNaN(value);
  const plain = typeof value === "string" ? value.slice(0, 2_000) : isPlain ? value : undefined;
  return {
    ...{ code, message: message.slice(0, 2_000), field: field?.slice(0, 200) },
    ...{ value: plain as Failure["value"], retryAfterMs },
  };
}

export function decodeFailure({ code, message, field, value, retryAfterMs }: Failure): AdaedlError {
  return new AdaedlError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    retryAfterMs,
  });
}

/** The session's worker is gone, and its KV cache with it. */
export function notThere(sessionId: string): AdaedlError {
  const why = `the worker of session ${sessionId} is gone: send its prefix`;
  return new AdaedlError("not_found", why, { field: "session_id", value: sessionId });
}
