import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A reverse proxy that serves something under a path of its host. */
export interface PathProxy extends AsyncDisposable {
  /** HOST:PORT/PATH, without a slash at the end. */
  readonly address: string;
}

/**
 * Serves what listens at `upstream` under `/PATH/`, as nginx does with `location /PATH/` and a slash at
 * the end of `proxy_pass`: the path is taken away, and everything outside of it is 404. Disposing it breaks all connections off.
 */
export async function openPathProxy(
  upstream: string,
  path: string,
  listenPort = 0,
): Promise<PathProxy> {
  const prefix = `/${path}/`;
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = "" } = incoming;
    if (!url.startsWith(prefix)) {
      outgoing.writeHead(404).end();
      return;
    }
    const target = `http://${upstream}/${url.slice(prefix.length)}`;
    const forwarded = request(target, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(listenPort, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}/${path}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
