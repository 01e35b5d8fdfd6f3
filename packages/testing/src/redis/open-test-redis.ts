import { hasDockerImages } from "../docker/has-docker-images.ts";
import { installHint } from "./find-redis-server.ts";
import { pingRedis } from "./ping-redis.ts";
import { redisImage, startRedisContainer } from "./redis-container.ts";
import { startRedisServer } from "./start-redis-server.ts";

/** A Redis that many tests share: each has to keep to keys of its own. */
export interface TestRedis {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens a Redis for tests: the one that `ADAEDL_TEST_REDIS_URL` names, else one in a container, else
 * a redis-server process; as root on Debian or Ubuntu redis-server is installed when it is missing.
 * Logs a line that says where it is.
 *
 * @throws Error when there is none, saying what to install, or when the one that is named does not answer
 */
export async function openTestRedis(): Promise<TestRedis> {
  const givenUrl = process.env.ADAEDL_TEST_REDIS_URL;
  if (givenUrl !== undefined && givenUrl !== "") {
    const redis = await useGivenRedis(givenUrl);
    console.info("Redis for tests: the one of ADAEDL_TEST_REDIS_URL");
    return redis;
  }
  const isDockerThere = await hasDockerImages(redisImage);
  const redis = isDockerThere ? await startRedisContainer() : await startRedisOrSay();
  const where = isDockerThere ? `a container of ${redisImage}` : "a redis-server process";
  console.info(`Redis for tests: ${where} at ${redis.url}`);
  return redis;
}

async function useGivenRedis(url: string): Promise<TestRedis> {
  try {
    await pingRedis(url);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Error(`the Redis of ADAEDL_TEST_REDIS_URL does not answer PING: ${why}`, { cause });
  }
  return { url, close: async () => {} };
}

async function startRedisOrSay(): Promise<TestRedis> {
  try {
    return await startRedisServer();
  } catch (cause) {
    const choices = `start Docker, set ADAEDL_TEST_REDIS_URL, or install one: ${installHint}`;
    throw new Error(`tests need a Redis: ${choices}`, { cause });
  }
}
