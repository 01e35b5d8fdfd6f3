import type { IncomingMessage } from "node:http";
import type { WaitingConnections } from "./waiting-connections.ts";

/**
 * A body of so many times what it may have is read to its end before it is refused: a client that is still
 * writing when its connection is closed does not get the answer.
 */
const maxDropped = 16;

/**
 * The body of a request, copied into one buffer: as a list of chunks, one that is sent byte by byte takes a
 * hundred times its size.
 * @throws Error with status 413 for more than `maxBytes`; what it holds is charged to `waiting`
 */
export function readBody(
  payload: IncomingMessage,
  waiting: WaitingConnections,
  maxBytes: number,
): Promise<Buffer> {
  let body = Buffer.alloc(0);
  let length = 0;
  const announced = Number(payload.headers["content-length"] ?? maxBytes);
  const mostBytes = Math.min(maxBytes, announced);
  return new Promise((resolve, reject) => {
    const refuse = () => {
      const error = new Error(`the body must be at most ${maxBytes} bytes`);
      reject(Object.assign(error, { statusCode: 413 }));
    };
    const drop = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxDropped * maxBytes) refuse();
    };
    const add = (chunk: Buffer) => {
      const end = length + chunk.length;
      if (end > maxBytes) {
        payload.off("data", add).on("data", drop);
        body = Buffer.alloc(0);
        waiting.hold(payload.socket, 0);
        return drop(chunk);
      }
      if (end > body.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(mostBytes, Math.max(end, 2 * body.length)));
        body.copy(larger);
        body = larger;
        waiting.hold(payload.socket, body.length);
      }
      chunk.copy(body, length);
      length = end;
    };
    if (announced > maxDropped * maxBytes) return refuse();
    payload.on("data", add);
    payload.once("end", () => {
      if (length > maxBytes) refuse();
      else resolve(body.subarray(0, length));
    });
    payload.once("error", reject);
  });
}
