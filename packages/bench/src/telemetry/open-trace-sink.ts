import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { countSpans } from "./count-spans.ts";

/** Takes traces over OTLP (http/protobuf), counts them, and forgets them. */
export interface TraceSink extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly numRequests: number;
  readonly numSpans: number;
  readonly numBytes: number;
}

/** Listens on a free port of this machine. */
export async function openTraceSink(): Promise<TraceSink> {
  const counts = { numRequests: 0, numSpans: 0, numBytes: 0 };
  const server = createServer(async (request, response) => {
    try {
      const body = await drain(request);
      counts.numRequests++;
      counts.numBytes += body.length;
      const isZipped = request.headers["content-encoding"] === "gzip";
      counts.numSpans += countSpans(isZipped ? gunzipSync(body) : body);
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
    url: `http://127.0.0.1:${port}`,
    get numRequests() {
      return counts.numRequests;
    },
    get numSpans() {
      return counts.numSpans;
    },
    get numBytes() {
      return counts.numBytes;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function drain(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
