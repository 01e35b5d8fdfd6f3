import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import { count, failure, id } from "./messages.ts";

/**
 * Messages of session channels. A channel has an id of its own: a session that is opened again has a new
 * one. The text of a message is the service's; all else that arrives is checked here.
 */

/** Where messages go. Ids are unique, so that nobody gets what was meant for a predecessor. */
export const addresses = {
  ingress: (ingressId: string) => `ingress:${ingressId}`,
  worker: (workerId: string) => `worker:${workerId}`,
  /** Heartbeats of all workers. */
  workers: "workers",
  /** Heartbeats of all ingresses. */
  ingresses: "ingresses",
} as const;

/** Characters of one message: base64 of the largest offer, which has 160 KiB, fits. */
const maxTextLength = 256 << 10;

const text = z.string().check(z.maxLength(maxTextLength));

const downBody = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message"), text }),
  /** The last message of a session: it is over, as the target wished or not. */
  z.object({ type: z.literal("end") }),
  z.object({ type: z.literal("failure"), failure }),
]);
export type DownBody = z.infer<typeof downBody>;

const envelopeOf = <Body extends z.ZodMiniType>(body: Body) =>
  z.object({ ack: count, item: z.optional(z.object({ number: count, body })) });

/** From an ingress to a worker. */
export const toSessionWorker = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("envelope"),
    channelId: id,
    ingressId: id,
    envelope: envelopeOf(text),
  }),
  /** Nobody uses the session any more. */
  z.object({ type: z.literal("close"), channelId: id }),
]);
export type ToSessionWorker = z.infer<typeof toSessionWorker>;

/** From a worker to an ingress. */
export const toSessionIngress = z.discriminatedUnion("type", [
  /** The first one of a session claims it. */
  z.object({
    type: z.literal("envelope"),
    channelId: id,
    workerId: id,
    envelope: envelopeOf(downBody),
  }),
  /** The worker does not have the session, or not any more. */
  z.object({
    type: z.literal("gone"),
    channelId: id,
    workerId: id,
    failure: z.optional(failure),
  }),
]);
export type ToSessionIngress = z.infer<typeof toSessionIngress>;

/** For the window of a channel. */
export function lengthOf(body: string | DownBody): number {
  if (typeof body === "string") return body.length;
  return body.type === "message" ? body.text.length : 0;
}

/** @throws AdaedlError `out_of_range` for a message that the other end would drop */
export function checkLength(text: string): string {
  if (text.length <= maxTextLength) return text;
  const why = `a message must have at most ${maxTextLength} characters, got ${text.length}`;
  throw new AdaedlError("out_of_range", why);
}
