import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "../wait-until.ts";
import { findFreePort } from "./free-port.ts";
import { pingRedis } from "./ping-redis.ts";
import { fieldValue, redisCli } from "./redis-cli.ts";
import { type RedisProcess, startRedisProcess } from "./redis-process.ts";
import { startRedisServer, temporaryRedisDirectory } from "./start-redis-server.ts";

/** A master with a replica, and sentinels that make the replica master when the master is gone. */
export interface RedisSentinel {
  /** `redis+sentinel://127.0.0.1:PORT,…/mymaster`, with the ports of the sentinels. */
  readonly url: string;
  /** As it was at the start. */
  readonly master: RedisProcess;
  /** As it was at the start. */
  readonly replica: RedisProcess;
  readonly sentinels: readonly RedisProcess[];
  /** Which of the two the first sentinel takes for the master now. */
  currentMaster(): Promise<RedisProcess>;
  close(): Promise<void>;
}

const masterName = "mymaster";

/**
 * Starts a master, a replica and sentinels, and waits until all know each other. A master that is
 * killed is replaced within some two seconds.
 *
 * @param numSentinels - one is enough to decide; with several, most of them have to be alive
 */
export async function startRedisSentinel(numSentinels = 1): Promise<RedisSentinel> {
  const processes: RedisProcess[] = [];
  const started = async (starting: Promise<RedisProcess>) => {
    const process = await starting;
    processes.push(process);
    return process;
  };
  const close = async () => {
    await Promise.all(processes.map((process) => process.close()));
  };
  try {
    // Without the delay a master waits five seconds for more replicas before it serves the first.
    const args = ["--repl-diskless-sync-delay", "0"];
    const master = await started(startRedisServer({ args }));
    const following = ["--replicaof", "127.0.0.1", String(master.port)];
    const replica = await started(startRedisServer({ args: [...args, ...following] }));
    await waitUntil("the replica has copied the master", async () => {
      const lines = await redisCli(replica.port, "info", "replication");
      return lines.includes("master_link_status:up");
    });
    const sentinels: RedisProcess[] = [];
    while (sentinels.length < numSentinels)
      sentinels.push(await started(startSentinel(master.port)));
    for (const { port } of sentinels)
      await waitUntil("a sentinel knows the replica and the other sentinels", async () => {
        const lines = await redisCli(port, "sentinel", "master", masterName);
        return (
          fieldValue(lines, "num-slaves") === "1" &&
          fieldValue(lines, "num-other-sentinels") === String(numSentinels - 1)
        );
      });
    const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`);
    return {
      url: `redis+sentinel://${addresses.join(",")}/${masterName}`,
      master,
      replica,
      sentinels,
      async currentMaster() {
        const [sentinel] = sentinels as [RedisProcess];
        const query = ["sentinel", "get-master-addr-by-name", masterName];
        const [, port] = await redisCli(sentinel.port, ...query);
        return Number(port) === replica.port ? replica : master;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startSentinel(masterPort: number): Promise<RedisProcess> {
  const port = await findFreePort();
  const directory = await temporaryRedisDirectory();
  const url = `redis://127.0.0.1:${port}`;
  const configFile = join(directory, "sentinel.conf");
  // A file, not arguments: a sentinel writes what it learns into it.
  const config = [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir ${directory}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 1`,
    `sentinel down-after-milliseconds ${masterName} 500`,
    `sentinel failover-timeout ${masterName} 2000`,
  ];
  await writeFile(configFile, `${config.join("\n")}\n`);
  return startRedisProcess({
    url,
    port,
    directory,
    args: [configFile, "--sentinel"],
    ping: () => pingRedis(url),
  });
}
