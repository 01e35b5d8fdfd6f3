import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { inject, onTestFinished } from "vitest";
import { openRedisHub, type RedisHub } from "./redis-hub.ts";

/** Who meets under a name that nobody else has; all end with the test. */
export interface Meeting {
  readonly namespace: string;
  readonly url: string;
  openHub(id: string): Promise<RedisHub>;
  /** A connection of the test's own. */
  connect(): Redis;
}

export const kind = "case";
export function createMeeting(url = inject("redisUrl")): Meeting {
  const namespace = randomUUID();
  async function openHub(id: string): Promise<RedisHub> {
    const hub = await openRedisHub({ url, namespace, id });
    onTestFinished(() => hub.close());
    return hub;
  }
  return {
    namespace,
    url,
    openHub,
    connect() {
      const redis = new Redis(url, { maxRetriesPerRequest: null }); // as BullMQ wants it
      redis.on("error", () => {}); // a test may kill its Redis
      onTestFinished(() => redis.disconnect());
      return redis;
    },
  };
}
