import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Sockets that listen on every address a host name has. */
export interface Listener {
  readonly port: number;
  /** Takes no more connections. */
  close(): void;
}

/**
 * Listens.
 * @param listen HOST:PORT, an IPv6 host in brackets; port 0 takes a free one, the same on all addresses
 * @throws Error of the system, or what is wrong with `listen`
 */
export async function listenOn(
  listen: string,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const wantedPort = listen.slice(colon + 1);
  if (host === "" || !/^\d{1,5}$/.test(wantedPort) || Number(wantedPort) > 65_535)
    throw new Error("it must be HOST:PORT");
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  let port = Number(wantedPort);
  try {
    for (const { address } of await lookup(host, { all: true })) {
      const server = createServer({ noDelay: true }, onConnection).listen(port, address);
      servers.push(server);
      await once(server, "listening");
      port = (server.address() as AddressInfo).port;
    }
  } catch (error) {
    close();
    throw error;
  }
  return { port, close };
}
