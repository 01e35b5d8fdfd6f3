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

/** From an ingress to a worker. */
export const toWorker = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("job"),
    jobId: id,
    ingressId: id,
    sessionId: id,
    job: z.unknown(),
    /** Answers that came in; above 0 when it is asked again. */
    numReceived: count,
  }),
  /** So many answers were taken: more may be made. */
  z.object({ type: z.literal("take"), jobId: id, numTaken: count }),
  z.object({ type: z.literal("cancel"), jobId: id }),
  /** Takes a job out that has not begun. */
  z.object({ type: z.literal("withdraw"), jobId: id }),
  z.object({ type: z.literal("release"), sessionId: id }),
]);
export type ToWorker = z.infer<typeof toWorker>;

/** From a worker to an ingress. */
export const toIngress = z.discriminatedUnion("type", [
  /** The worker has won a session. */
  z.object({
    type: z.literal("claim"),
    jobId: id,
    sessionId: id,
    workerId: id,
    numLosses: count,
  }),
  z.object({ type: z.literal("answer"), jobId: id, number: count, answer: z.unknown() }),
  z.object({ type: z.literal("end"), jobId: id, numAnswers: count }),
  z.object({ type: z.literal("failure"), jobId: id, failure }),
]);
export type ToIngress = z.infer<typeof toIngress>;

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
  /** Sessions it has, how many it could have, and rounds that wait. */
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
