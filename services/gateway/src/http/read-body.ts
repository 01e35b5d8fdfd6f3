import type { IncomingMessage } from "node:http";
import type { WaitingConnections } from "./waiting-connections.ts";

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
  return new Promise((resolve, reject) => {
    const tooLarge = () => {
      payload.off("data", add);
      const error = new Error(`the body must be at most ${maxBytes} bytes`);
      reject(Object.assign(error, { statusCode: 413 }));
    };
    const add = (chunk: Buffer) => {
      const end = length + chunk.length;
      if (end > maxBytes) return tooLarge();
      if (end > body.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(end, 2 * body.length)));
        body.copy(larger);
        body = larger;
        waiting.hold(payload.socket, body.length);
      }
      chunk.copy(body, length);
      length = end;
    };
    if (Number(payload.headers["content-length"]) > maxBytes) return tooLarge();
    payload.on("data", add);
    payload.once("end", () => resolve(body.subarray(0, length)));
    payload.once("error", reject);
  });
}
