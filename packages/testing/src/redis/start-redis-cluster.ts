import { waitUntil } from "../wait-until.ts";
import { redisCli } from "./redis-cli.ts";
import type { RedisProcess } from "./redis-process.ts";
import { startRedisServer } from "./start-redis-server.ts";

/** A cluster in which every node is the master of its share of the slots. */
export interface RedisCluster {
  /** `redis+cluster://127.0.0.1:PORT,127.0.0.1:PORT,…` */
  readonly url: string;
  readonly nodes: readonly RedisProcess[];
  close(): Promise<void>;
}

/**
 * Starts the nodes of a cluster and joins them; takes some seconds.
 *
 * @throws RangeError when there are fewer than three nodes, the least that Redis makes a cluster of
 */
export async function startRedisCluster(numNodes = 3): Promise<RedisCluster> {
  if (!Number.isInteger(numNodes) || numNodes < 3)
    throw new RangeError(`numNodes must be an integer from 3, got ${numNodes}`);
  const nodes: RedisProcess[] = [];
  const close = async () => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    while (nodes.length < numNodes)
      nodes.push(await startRedisServer({ args: ["--cluster-enabled", "yes"] }));
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const [first] = nodes as [RedisProcess];
    await redisCli(first.port, "--cluster", "create", ...addresses, "--cluster-yes");
    await waitUntil("every node finds the cluster whole", async () => {
      const states = await Promise.all(nodes.map(({ port }) => redisCli(port, "cluster", "info")));
      return states.every(
        (lines) =>
          lines.includes("cluster_state:ok") && lines.includes(`cluster_known_nodes:${numNodes}`),
      );
    });
    return { url: `redis+cluster://${addresses.join(",")}`, nodes, close };
  } catch (error) {
    await close();
    throw error;
  }
}
