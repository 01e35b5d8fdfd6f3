import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { findRedisServer } from "./find-redis-server.ts";
import { openTestRedis, type TestRedis } from "./open-test-redis.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the Redis is that all tests of a run share: `inject("redisUrl")`. */
    redisUrl: string;
    /** Names this run of tests: for what it keeps in that Redis, which may be another run's as well. */
    runId: string;
  }
}

interface Shared {
  readonly redis: Promise<TestRedis>;
  readonly runId: string;
  numProjects: number;
}

// Vitest runs this once for every project that names it, and each project loads the module anew:
// what they have in common is the process.
const processWide = globalThis as { adaedlSharedRedis?: Shared };

/** Gives the projects of a run one Redis; closes it when the last of them is done. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  processWide.adaedlSharedRedis ??= {
    redis: prepare(),
    runId: randomUUID(),
    numProjects: 0,
  };
  const shared = processWide.adaedlSharedRedis;
  shared.numProjects++;
  const redis = await shared.redis;
  project.provide("redisUrl", redis.url);
  project.provide("runId", shared.runId);
  return async () => {
    shared.numProjects--;
    if (shared.numProjects > 0) return;
    delete processWide.adaedlSharedRedis;
    await redis.close();
  };
}

async function prepare(): Promise<TestRedis> {
  const redis = await openTestRedis();
  // Tests that start a Redis of their own have it installed here, where no time limit runs. Those who
  // can do without it are not held up; the others will say that it is missing.
  await findRedisServer().catch(() => {});
  return redis;
}
