import { AdaedlError, errorCodes } from "@adaedl/core";
import * as z from "zod";

export const id = z.string().min(1).max(200);
export const count = z.int().nonnegative();

/** How long a failure may ask its reader to wait: more is not meant, or not honest. */
const maxRetryAfterMs = 60_000;

/** A failure, as it crosses. */
export const failure = z.object({
  code: z.enum(errorCodes),
  message: z.string().max(2_000),
  field: z.string().max(200).optional(),
  value: z.union([z.string().max(2_000), z.number(), z.boolean()]).optional(),
  retryAfterMs: z
    .number()
    .nonnegative()
    .transform((ms) => Math.min(ms, maxRetryAfterMs))
    .optional(),
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
