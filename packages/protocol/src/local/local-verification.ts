import { setMaxListeners } from "node:events";
import { AdaedlError, Outbox } from "@adaedl/core";
import type { VerificationClient, VerificationStream } from "../client/verification-client.ts";
import type { VerificationHandler } from "../server/verification-service.ts";
import type { VerifyRequest, VerifyResponse } from "../verification/messages.ts";
import { LocalServer } from "./local-server.ts";

/** Answers that wait for the edge, at most: then the verifier waits. */
const maxUnread = 32;
/** How long a verifier has to end a session that was closed. */
const closeTimeoutMs = 1_000;

/** A verifier for a draft service of the same process: messages are passed on as they are. */
export function localVerification(handler: VerificationHandler): {
  readonly server: LocalServer;
  readonly client: VerificationClient;
} {
  const server = new LocalServer();
  const client: VerificationClient = {
    address: server.address,
    async describe(_, signal) {
      using _call = server.begin({ signal });
      return handler.describe();
    },
    async getTokenizer(digest, _, signal) {
      using call = server.begin({ signal });
      return await handler.getTokenizer(digest, call.context.signal);
    },
    openStream(open, { deadline, traceparent } = {}) {
      const ending = new AbortController();
      const call = { signal: ending.signal, deadline, traceparent };
      return openStream(open, ending, async (receive, send) => {
        using begun = server.begin(call);
        const { signal } = begun.context;
        setMaxListeners(0, signal);
        await handler.verify(
          (waitSignal = signal) => receive(waitSignal),
          (response) => send(response, signal),
          begun.context,
        );
      });
    },
    close() {},
  };
  return { server, client };
}

type Receive = (signal: AbortSignal) => Promise<VerifyRequest | undefined>;
type Send = (response: VerifyResponse, signal: AbortSignal) => Promise<void>;

/** @param verify the verifier's side of the session */
function openStream(
  open: VerifyRequest,
  ending: AbortController,
  verify: (receive: Receive, send: Send) => Promise<void>,
): VerificationStream {
  let isClosed = false;
  /** What resolves each send that waits for the edge to read. */
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  // An edge offers at most 256 draft tokens beyond the text: no more can wait here.
  const requests = new Outbox<VerifyRequest>();
  const responses = new Outbox<VerifyResponse>(onRoom);
  const unreadRequests = requests[Symbol.asyncIterator]();
  const unreadResponses = responses[Symbol.asyncIterator]();
  function onRoom(): void {
    for (const resolve of waiting.splice(0)) resolve();
  }
  const reset = () => ending.abort(new AdaedlError("cancelled", "the client ended the call"));
  const send: Send = async (response, signal) => {
    if (isClosed) return;
    responses.push(response);
    if (responses.size < maxUnread) return;
    const room = new Promise<void>((resolve) => waiting.push(resolve));
    await unlessAborted(room, signal);
  };
  requests.push(open);
  verify((signal) => nextOf(unreadRequests, signal), send)
    .then(
      () => responses.end(),
      (error) => responses.end(AdaedlError.from(error)),
    )
    .finally(() => clearTimeout(timer));
  return {
    traffic: { bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 },
    send: (request) => requests.push(request),
    receive: (signal) => nextOf(unreadResponses, signal),
    close() {
      if (isClosed) return;
      isClosed = true;
      onRoom();
      requests.push({ type: "cancel" });
      requests.end();
      timer = setTimeout(reset, closeTimeoutMs).unref();
    },
    reset,
  };
}

async function nextOf<Message>(
  messages: AsyncGenerator<Message, void>,
  signal: AbortSignal | undefined,
): Promise<Message | undefined> {
  const next = messages.next();
  const { value } = await (signal === undefined ? next : unlessAborted(next, signal));
  return value ?? undefined;
}

/** @throws AdaedlError what the signal was aborted with: nobody waits any more */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(AdaedlError.fromAbort(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
