import { AdaedlError, errorCodes } from "@adaedl/core";
import { z } from "zod";

export const id = z.string().min(1).max(200);
export const count = z.int().nonnegative();

/** A failure, as it crosses. */
export const failure = z.object({
  code: z.enum(errorCodes),
  message: z.string().max(2_000),
  field: z.string().max(200).optional(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  retryAfterMs: z.number().nonnegative().optional(),
});

/** What waits in Redis until a worker has a place for it. */
export const placement = z.object({
  jobId: id,
  ingressId: id,
  sessionId: id,
  job: z.unknown(),
});
export type Placement = z.infer<typeof placement>;

/** Said again and again by who is there. */
export const beat = z.object({
  id,
  /** Counts how often messages to it may have been lost. */
  numLosses: count,
  /** Workers of one kind serve the same sessions; ingresses have none. */
  kind: z.string().max(100),
  /** What it says of itself. */
  facts: z.unknown(),
  /** Sessions it has, how many it could have, and those whose prefix is not computed yet. */
  numSessions: count,
  numPlaces: count,
  numQueued: count,
  /** Forwards that its model has completed: a worker whose model is stuck beats on. */
  numForwards: count,
  /** The last word. */
  isLeaving: z.boolean().optional(),
});
export type Beat = z.infer<typeof beat>;

export function encodeFailure(thrown: unknown): z.infer<typeof failure> {
  const { code, message, field, value, retryAfterMs } = AdaedlError.from(thrown);
  const isPlain = ["string", "number", "boolean"].includes(typeof value) && !Number.isNaN(value);
  return {
    code,
    message: message.slice(0, 2_000),
    ...(field === undefined ? {} : { field: field.slice(0, 200) }),
    ...(isPlain ? { value: value as string | number | boolean } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

export function decodeFailure({
  code,
  message,
  field,
  value,
  retryAfterMs,
}: ReturnType<typeof encodeFailure>): AdaedlError {
  return new AdaedlError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    retryAfterMs,
  });
}
