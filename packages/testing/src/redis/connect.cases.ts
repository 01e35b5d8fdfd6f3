import { Redis } from "ioredis";
import { onTestFinished } from "vitest";

/** A connection that ends with the test. */
export function connect(
  url: string,
  credentials: { username?: string; password?: string } = {},
): Redis {
  const redis = new Redis(url, { retryStrategy: () => null, ...credentials });
  redis.on("error", () => {}); // what is sent fails, and says why
  onTestFinished(() => redis.disconnect());
  return redis;
}
