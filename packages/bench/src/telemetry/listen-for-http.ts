import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { TakeTraces, TraceListener } from "./trace-listener.ts";

/** OTLP over HTTP, in protobuf, on a free port. */
export async function listenForHttp(take: TakeTraces): Promise<TraceListener> {
  const server = createServer(async (request, response) => {
    try {
      const body = await buffer(request);
      take(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
      // An answer without a field is an empty message.
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    } catch {
      response.writeHead(400).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
