import type { SessionCodec } from "@adaedl/batching";
import { invalidField } from "@adaedl/core";
import type { RequestLimits } from "@adaedl/engine";
import {
  decodeRequestBytes,
  decodeResponseBytes,
  encodeRequestBytes,
  encodeResponseBytes,
  maxOfferBytes,
  maxOpenBytes,
  parseTraceparent,
} from "@adaedl/protocol";
import * as z from "zod/mini";
import { checkOfferedIds } from "./check-offer.ts";
import { checkOpen, type TargetIdentity } from "./check-open.ts";
import type { SessionStart } from "./session-start.ts";

/** A start is a line of JSON and an Open in base64, so that no JSON of its size is ever parsed. */
const startHead = z.object({
  sessionId: z.string().check(z.minLength(1), z.maxLength(200)),
  client: z.string().check(z.maxLength(1_000)),
  deadlineMs: z.optional(z.number().check(z.nonnegative())),
  traceparent: z.optional(z.string()),
});
const maxHeadLength = 4_000;

/** What an ingress needs of the codec does not depend on the target. */
export const ingressSessionCodec = {
  routeOf: ({ sessionId, client, tokenIds, credit }: SessionStart) => {
    return { sessionId, client, length: tokenIds.length, credit };
  },
  encodeStart({ open, sessionId, client, deadlineMs, traceparent }: SessionStart) {
    const head: z.infer<typeof startHead> = { sessionId, client, deadlineMs, traceparent };
    return `${JSON.stringify(head)}\n${toText(encodeRequestBytes(open))}`;
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
  const { contextLength, vocabSize } = facts;
  const maxBytes = maxOpenBytes({ contextLength, numTokenIds: vocabSize });
  return {
    decodeStart(text) {
      const end = text.slice(0, maxHeadLength).indexOf("\n");
      const { traceparent, ...route } = readHead(text.slice(0, Math.max(0, end)));
      const open = decodeRequestBytes(toBytes(text.slice(end + 1)), maxBytes);
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

/** @throws AdaedlError `invalid_argument` */
function readHead(text: string): z.infer<typeof startHead> {
  try {
    return startHead.parse(JSON.parse(text));
  } catch {
    throw invalidField("start", text, "must begin with a session's head");
  }
}
