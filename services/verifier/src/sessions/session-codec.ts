import type { SessionCodec } from "@adaedl/batching";
import { invalidField } from "@adaedl/core";
import type { RequestLimits } from "@adaedl/engine";
import {
  decodeRequestBytes,
  decodeResponseBytes,
  encodeRequestBytes,
  encodeResponseBytes,
  maxOfferBytes,
  parseTraceparent,
} from "@adaedl/protocol";
import { z } from "zod";
import { checkOfferedIds } from "./check-offer.ts";
import { checkOpen, type TargetIdentity } from "./check-open.ts";
import type { SessionStart } from "./session-start.ts";

const plainStart = z.object({
  /** The bytes of an Open, base64. */
  open: z.string(),
  sessionId: z.string().min(1).max(200),
  client: z.string().max(1_000),
  deadlineMs: z.number().nonnegative().optional(),
  traceparent: z.string().optional(),
});

/** What an ingress needs of the codec does not depend on the target. */
export const ingressSessionCodec = {
  routeOf: ({ sessionId, client, tokenIds, credit }: SessionStart) => {
    return { sessionId, client, length: tokenIds.length, credit };
  },
  encodeStart({ open, sessionId, client, deadlineMs, traceparent }: SessionStart) {
    const plain = { open: toText(encodeRequestBytes(open)), sessionId, client, deadlineMs };
    return { ...plain, traceparent } satisfies z.infer<typeof plainStart>;
  },
  encodeUp: (message) => toText(encodeRequestBytes(message)),
  decodeDown(text) {
    const message = decodeResponseBytes(toBytes(text));
    if (message.type !== "progress") return message;
    throw invalidField("message", message.type, "must be opened, commit or finished");
  },
} satisfies Omit<SessionCodec<SessionStart>, "decodeStart" | "decodeUp" | "encodeDown">;

/**
 * Messages cross as they do on gRPC, in base64. What comes from Redis is checked like input from a
 * network, since whoever reaches it can put anything there.
 */
export function workerSessionCodec(
  target: TargetIdentity,
  facts: RequestLimits,
): Pick<SessionCodec<SessionStart>, "decodeStart" | "decodeUp" | "encodeDown"> {
  return {
    decodeStart(plain) {
      const parsed = plainStart.safeParse(plain);
      if (!parsed.success)
        throw invalidField(
          "start",
          undefined,
          `must be a session's: ${parsed.error.issues[0]?.message}`,
        );
      const { open: text, traceparent, ...route } = parsed.data;
      const open = decodeRequestBytes(toBytes(text));
      if (open.type !== "open") throw invalidField("start.open", open.type, "must be an Open");
      return {
        ...checkOpen(open, target, facts),
        ...{ ...route, open, traceparent: parseTraceparent(traceparent) },
      };
    },
    decodeUp(text) {
      const message = decodeRequestBytes(toBytes(text), maxOfferBytes);
      if (message.type === "open")
        throw invalidField("message", message.type, "must be offer or cancel");
      if (message.type === "offer") checkOfferedIds(message.offer, facts.vocabSize);
      return message;
    },
    encodeDown: (message) => toText(encodeResponseBytes(message)),
  };
}

const toText = (bytes: Buffer) => bytes.toString("base64");
const toBytes = (text: string) => Buffer.from(text, "base64");
