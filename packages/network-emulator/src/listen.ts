import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Endpoint } from "./options.ts";

/** A port that is being listened on. */
export interface Listener {
  readonly port: number;
  /** Host and port, an IPv6 address in brackets. */
  readonly address: string;
  /** Stops listening; resolves when no accepted socket is open any more. */
  close(): Promise<void>;
}

/**
 * Listens for TCP connections and hands their sockets to `onSocket`.
 *
 * @param signal gives up waiting to listen
 * @throws the reason of the signal; the system's error when it can't listen there
 */
export async function listen(
  { host, port }: Endpoint = { host: "127.0.0.1", port: 0 },
  onSocket: (socket: Socket) => void,
  signal?: AbortSignal,
): Promise<Listener> {
  signal?.throwIfAborted();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onSocket);
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      server.close();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    // Stays for good: a connection that can't be accepted is the client's to notice.
    server.on("error", (error) => {
      signal?.removeEventListener("abort", onAbort);
      reject(error);
    });
    server.listen(port, host, () => {
      signal?.removeEventListener("abort", onAbort);
      if (signal?.aborted) server.close(); // closed before there was anything to close
      resolve();
    });
  });
  const bound = server.address() as AddressInfo;
  return {
    port: bound.port,
    address: `${bound.family === "IPv6" ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
