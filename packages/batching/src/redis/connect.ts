import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisTls } from "./redis-tls.ts";
import type { RedisTarget } from "./redis-url.ts";

/** A connection to Redis, whatever stands behind it. */
export type Connection = Redis | Cluster;

/**
 * `messages`: what cannot be sent at once has failed, since somebody waits for it.
 * `jobs`: for BullMQ's workers, which wait for Redis however long it takes.
 */
export type Purpose = "messages" | "jobs";

/** Connects, and again whenever the connection is lost; a Redis that is away is found in a second. */
export function connect(target: RedisTarget, purpose: Purpose, tls: RedisTls): Connection {
  const { kind, hosts, username, password, database, masterName, isEncrypted } = target;
  const security = isEncrypted ? { tls } : {};
  const waits = purpose === "jobs";
  const options = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...security,
    db: database,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    noDelay: true,
    enableOfflineQueue: waits,
    maxRetriesPerRequest: waits ? null : 0,
    autoResendUnfulfilledCommands: waits,
    // It would catch no error: a connection cut once more while it subscribes again would end the process.
    autoResubscribe: false,
    retryStrategy,
    // A replica that was the master until a moment ago: the new one has to be asked for.
    reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 1 : false),
  } satisfies RedisOptions;
  if (kind === "cluster")
    return new Cluster([...hosts], {
      redisOptions: options,
      enableOfflineQueue: waits,
      clusterRetryStrategy: retryStrategy,
      retryDelayOnFailover: 100,
      retryDelayOnClusterDown: 100,
      slotsRefreshTimeout: 2_000,
      // Certificates name hosts; a cluster's nodes know each other by address.
      dnsLookup: (address, callback) => callback(null, address),
    });
  if (kind === "sentinel")
    return new Redis({
      ...options,
      sentinels: [...hosts],
      name: masterName ?? "",
      sentinelRetryStrategy: retryStrategy,
      sentinelMaxConnections: hosts.length,
      ...(isEncrypted ? { enableTLSForSentinelMode: true, sentinelTLS: tls } : {}),
    });
  return new Redis({ ...options, ...hosts[0] });
}

/** Soon at first, then twice a second: who waits is back soon after Redis is. */
function retryStrategy(attempt: number): number {
  const pause = Math.min(500, 25 * 2 ** Math.min(attempt, 5));
  return pause * (0.75 + Math.random() / 2);
}
