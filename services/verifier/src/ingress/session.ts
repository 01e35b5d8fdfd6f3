import { AdaedlError, invalidField } from "@adaedl/core";
import {
  type CallContext,
  type VerifyRequest,
  type VerifyResponse,
  verificationServiceName,
} from "@adaedl/protocol";
import { checkOpen } from "../sessions/check-open.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { relaySession } from "./relay-session.ts";

/** Numbers sessions of this process: one that is opened again never meets its old self. */
let numOpened = 0;

/** One stream from Open to Finished. What it throws is the status the stream ends with. */
export async function serveSession(
  parts: IngressParts,
  receive: (signal?: AbortSignal) => Promise<VerifyRequest | undefined>,
  send: (response: VerifyResponse) => Promise<void>,
  context: CallContext,
): Promise<void> {
  const { description, facts, admission, tracer } = parts;
  const { client, deadlineMs, signal } = context;
  const open = await receive();
  if (open === undefined) return;
  if (open.type !== "open") throw invalidField("message", open.type, "must be open, as the first");
  const text = checkOpen(open, description, facts);
  const place = admission.admit(client, text.maxLength);
  const sessionId = `${parts.id}-${open.sessionId}-${numOpened++}`;
  const span = tracer.start(`${verificationServiceName}/Verify`, {
    parent: context.traceparent,
    kind: "server",
    attributes: { "rpc.system": "grpc", "adaedl.session_id": sessionId },
  });
  let failure: AdaedlError | undefined;
  try {
    const { traceparent } = span;
    const start = { ...text, open, sessionId, client, deadlineMs, traceparent };
    await relaySession(parts, start, place, { receive, send, signal });
  } catch (thrown) {
    failure = AdaedlError.from(thrown);
    const { code, message } = failure;
    const isOurs = code === "internal" || code === "unavailable";
    parts.logger[isOurs ? "warn" : "debug"](
      { sessionId, client, code, error: message },
      "session failed",
    );
    throw thrown;
  } finally {
    place.release();
    span.end(failure);
  }
}
