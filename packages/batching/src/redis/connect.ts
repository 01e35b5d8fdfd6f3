import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisTarget } from "./redis-url.ts";

/** A connection to Redis, whatever stands behind it. */
export type Connection = Redis | Cluster;

/** PEM texts, for a Redis that speaks TLS. */
export interface RedisTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * `messages`: what cannot be sent at once has failed, since somebody waits for it.
 * `jobs`: for BullMQ's workers, which wait for Redis however long it takes.
 */
export type Purpose = "messages" | "jobs";

/** Connects, and again whenever the connection is lost; a Redis that is away is found in a second. */
export function connect(
  target: RedisTarget,
  purpose: Purpose,
  tls: RedisTls | undefined,
): Connection {
  const { kind, hosts, username, password, database, masterName, isEncrypted } = target;
  const security = isEncrypted ? { tls: definedOf(tls ?? {}) } : {};
  const waits = purpose === "jobs";
  const options = {
    ...definedOf({ username, password }),
    ...security,
    db: database,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    noDelay: true,
    enableOfflineQueue: waits,
    maxRetriesPerRequest: waits ? null : 0,
    autoResendUnfulfilledCommands: waits,
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
      ...(isEncrypted ? { enableTLSForSentinelMode: true, sentinelTLS: definedOf(tls ?? {}) } : {}),
    });
  return new Redis({ ...options, ...hosts[0] });
}

/** Soon at first, then twice a second: who waits is back soon after Redis is. */
function retryStrategy(attempt: number): number {
  const pause = Math.min(500, 25 * 2 ** Math.min(attempt, 5));
  return pause * (0.75 + Math.random() / 2);
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function definedOf<T extends object>(fields: T): Defined<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
