import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MetricsSource } from "./exposition.ts";

/** Serves metrics over HTTP. */
export interface MetricsServer extends AsyncDisposable {
  /** HOST:PORT it listens on. */
  readonly address: string;
  /** Ends open connections, too. May be called again. */
  close(): Promise<void>;
}

/** Who scrapes asks every few seconds; these are for whoever does not behave. */
const limits = { requestMs: 5_000, idleMs: 60_000, maxConnections: 64, maxHeaderBytes: 8_192 };

/**
 * Answers GET /metrics. Once it listens, nothing that happens here fails the service.
 * @param listen HOST:PORT; port 0 takes a free one
 * @param read called for each request; undefined while the service starts, which is answered with 503
 * @throws Error when the address is taken or none; nothing is left open then
 */
export async function openMetricsServer(
  listen: string,
  read: () => MetricsSource | undefined,
): Promise<MetricsServer> {
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.requestMs,
    },
    (request, response) => void answer(request, response, read()),
  );
  server.maxConnections = limits.maxConnections;
  server.setTimeout(limits.idleMs); // also for one that does not read its answer
  server.on("error", () => {}); // such as no file handle for one more connection

  const [, host = "", port] = /^(.+):(\d+)$/.exec(listen) ?? [];
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  try {
    if (port === undefined) throw new Error("it must be HOST:PORT");
    server.listen({ host: host.replace(/^\[|\]$/g, ""), port: Number(port) });
    await once(server, "listening");
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`cannot listen on ${listen} for metrics: ${message}`, { cause });
  }
  const bound = server.address() as AddressInfo;
  return { address: `${host}:${bound.port}`, close, [Symbol.asyncDispose]: close };
}

async function answer(
  { url = "", method }: IncomingMessage,
  response: ServerResponse,
  metrics: MetricsSource | undefined,
): Promise<void> {
  const say = (status: number, text: string, headers: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
    response.end(text);
  };
  if (url.split("?")[0] !== "/metrics") return say(404, "only /metrics is here\n");
  if (method !== "GET" && method !== "HEAD")
    return say(405, "only GET is answered\n", { allow: "GET, HEAD" });
  if (metrics === undefined) return say(503, "the service is starting\n");
  try {
    say(200, await metrics.render(), { "content-type": metrics.contentType });
  } catch (error) {
    say(500, `metrics cannot be read: ${error instanceof Error ? error.message : error}\n`);
  }
}
