import { writeMessage } from "@adaedl/protocol";
import type { FastifyReply } from "fastify";
import { errorAnswer } from "./error-body.ts";

/**
 * Answers with server-sent events, ended by `[DONE]`; an error in the middle is an event. Events are
 * pulled no faster than the client reads, and written to the response directly: a stream in between
 * costs more.
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
  const gone = new AbortController();
  raw.once("close", () => {
    gone.abort();
    events.return(undefined).catch(() => {}); // also in the middle of an event: what was begun ends
  });
  reply.hijack();
  raw.writeHead(200, { ...reply.getHeaders(), ...streamHeaders } as Record<string, string>);
  try {
    for (let next = first; !next.done; next = await events.next().catch(asEvent))
      await writeMessage(raw, lineOf(next.value), writeTimeoutMs, gone.signal);
    raw.end("data: [DONE]\n\n"); // the server cuts off a client that does not read the rest
  } catch {
    raw.destroy(); // it takes nothing, or is gone already
  }
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no", // proxies that collect answers would hold tokens back
};

function lineOf(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** The last event: events that have failed are at their end. */
function asEvent(error: unknown): IteratorResult<object> {
  return { done: false, value: errorAnswer(error).body };
}
