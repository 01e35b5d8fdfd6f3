import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections: nobody takes it during a restart. */
const lowestPort = 10_000;
const numPorts = 22_000;

/** What a node of a cluster adds to its port to get a second one. */
export const clusterBusOffset = 10_000;

/** A port of 127.0.0.1 on which nobody listens, neither on the second one of a cluster's node. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * numPorts);
    if ((await isFree(port)) && (await isFree(port + clusterBusOffset))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
