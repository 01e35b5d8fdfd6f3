import { execFileSync } from "node:child_process";
import { atExit } from "../at-exit.ts";
import type { TestRedis } from "./open-test-redis.ts";

/** The image of the tests' Redis. */
export const redisImage = "redis:7-bookworm";

const redisPort = 6379;

/** Starts a Redis in a container. Docker has to have the image. */
export async function startRedisContainer(): Promise<TestRedis> {
  // Its watchdog is a container of one more image, and not needed: this one is stopped in any case.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";
  const { GenericContainer, Wait } = await import("testcontainers"); // only when there is a Docker
  const container = await new GenericContainer(redisImage)
    .withCommand(["--save", "", "--appendonly", "no"])
    .withExposedPorts(redisPort)
    .withWaitStrategy(Wait.forLogMessage("Ready to accept connections"))
    .withStartupTimeout(60_000)
    .start();
  const remove = ["rm", "--force", "--volumes", container.getId()];
  const forget = atExit(() => execFileSync("docker", remove, { stdio: "ignore" }));
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(redisPort)}`,
    async close() {
      await container.stop();
      forget();
    },
  };
}
