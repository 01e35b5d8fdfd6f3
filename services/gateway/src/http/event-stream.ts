import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { errorAnswer } from "./error-body.ts";

/** Bytes of events that wait for a slow reader here; the sockets' own buffers come on top. */
const bufferBytes = 16 * 1024;

/**
 * Answers with server-sent events, ended by `[DONE]`; an error in the middle is an event. Events are
 * pulled no faster than the client reads.
 * @param first what was pulled already: what fails before that is no stream but an error
 * @param events the rest; ended when the client is gone
 * @param writeTimeoutMs a client that takes nothing for so long is cut off
 */
export function sendEvents(
  reply: FastifyReply,
  first: IteratorResult<object>,
  events: AsyncGenerator<object>,
  writeTimeoutMs: number,
): FastifyReply {
  const { raw } = reply;
  let patience: NodeJS.Timeout | undefined;
  const waitForReader = () => {
    patience = setTimeout(() => raw.destroy(), writeTimeoutMs);
  };
  // Also where nobody has begun to read: what was begun has to end.
  raw.once("close", () => {
    clearTimeout(patience);
    events.return(undefined).catch(() => {});
  });

  async function* lines(): AsyncGenerator<string> {
    try {
      for (let next = first; !next.done; next = await events.next()) {
        waitForReader();
        yield `data: ${JSON.stringify(next.value)}\n\n`;
        clearTimeout(patience);
      }
    } catch (error) {
      yield `data: ${JSON.stringify(errorAnswer(error).body)}\n\n`;
    }
    waitForReader(); // for what is still to be written
    yield "data: [DONE]\n\n";
  }

  return reply
    .headers({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no", // proxies that collect answers would hold tokens back
    })
    .send(Readable.from(lines(), { objectMode: false, highWaterMark: bufferBytes }));
}
