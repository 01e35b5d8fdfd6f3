import type { ConnectionOptions } from "node:tls";

/**
 * Asks a Redis for PONG once, over a connection of its own.
 *
 * @param tls - what the connection trusts and shows, when the URL begins with `rediss:`
 * @throws the error of the connection, or Redis's own such as NOAUTH
 */
export async function pingRedis(url: string, tls?: ConnectionOptions): Promise<void> {
  const { Redis } = await import("ioredis"); // only for tests that use a Redis
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    ...(tls === undefined ? {} : { tls }),
  });
  let connectionError: Error | undefined;
  redis.on("error", (error) => {
    connectionError = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    throw connectionError ?? error;
  } finally {
    redis.disconnect();
  }
}
