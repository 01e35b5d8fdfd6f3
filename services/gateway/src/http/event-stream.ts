import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { errorAnswer } from "./error-body.ts";

/**
 * Answers with server-sent events, ended by `[DONE]`; an error in the middle is an event. Events are
 * pulled no faster than the client reads. Written to the socket directly: a stream in between would
 * cost as much as all the rest of an event.
 * @param first what was pulled already: what fails before that is no stream but an error
 * @param events the rest; ended when the client is gone
 * @param writeTimeoutMs a client that takes nothing for so long is cut off
 * @returns when everything is written, or the client is gone
 */
export async function sendEvents(
  reply: FastifyReply,
  first: IteratorResult<object>,
  events: AsyncGenerator<object>,
  writeTimeoutMs: number,
): Promise<void> {
  const { raw } = reply;
  // Also where it is waiting for an event: what was begun has to end.
  raw.once("close", () => events.return(undefined).catch(() => {}));
  reply.hijack();
  raw.writeHead(200, { ...reply.getHeaders(), ...streamHeaders } as Record<string, string>);
  try {
    for (let next = first; !next.done; next = await events.next())
      await write(raw, `data: ${JSON.stringify(next.value)}\n\n`, writeTimeoutMs);
  } catch (error) {
    await write(raw, `data: ${JSON.stringify(errorAnswer(error).body)}\n\n`, writeTimeoutMs);
  }
  raw.end("data: [DONE]\n\n");
  cutOffUnless(raw, "finish", writeTimeoutMs);
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no", // proxies that collect answers would hold tokens back
};

/** Writes, and where the client has not read what is before it, waits until it has. */
async function write(response: ServerResponse, text: string, timeoutMs: number): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  const giveUp = cutOffUnless(response, "drain", timeoutMs);
  await Promise.race([once(response, "drain"), once(response, "close")]);
  giveUp();
}

/** Ends the connection when something does not happen in time. @returns calls it off */
function cutOffUnless(response: ServerResponse, event: string, timeoutMs: number): () => void {
  const timer = setTimeout(() => response.destroy(), timeoutMs);
  const callOff = () => clearTimeout(timer);
  response.once(event, callOff).once("close", callOff);
  return callOff;
}
