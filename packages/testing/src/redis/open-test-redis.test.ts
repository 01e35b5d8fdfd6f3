import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished, vi } from "vitest";
import { hasDockerImages } from "../docker/has-docker-images.ts";
import { openTestRedis } from "./open-test-redis.ts";
import { pingRedis } from "./ping-redis.ts";
import { redisImage } from "./redis-container.ts";
import { startRedisServer } from "./start-redis-server.ts";

const isDockerThere = await hasDockerImages(redisImage);

beforeEach(() => {
  vi.stubEnv("ADAEDL_TEST_REDIS_URL", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const logged = () => vi.spyOn(console, "info").mockImplementation(() => {});

it("gives the tests of a run one Redis", async () => {
  await pingRedis(inject("redisUrl"));
});

describe("the Redis that is named", () => {
  it("is used as it is", async () => {
    const info = logged();
    const server = await startRedisServer({ password: "secret" });
    onTestFinished(() => server.close());
    vi.stubEnv("ADAEDL_TEST_REDIS_URL", server.url);
    const redis = await openTestRedis();
    expect(redis.url).toBe(server.url);
    await redis.close();
    await pingRedis(server.url);
    expect(info.mock.calls).toEqual([["Redis for tests: the one of ADAEDL_TEST_REDIS_URL"]]);
  });

  it("has to answer", async () => {
    vi.stubEnv("ADAEDL_TEST_REDIS_URL", "redis://127.0.0.1:1");
    await expect(openTestRedis()).rejects.toThrow(
      "the Redis of ADAEDL_TEST_REDIS_URL does not answer PING: connect ECONNREFUSED 127.0.0.1:1",
    );
  });
});

it.runIf(isDockerThere)("runs in a container where there is Docker", async () => {
  const info = logged();
  const redis = await openTestRedis();
  await pingRedis(redis.url);
  expect(info.mock.calls).toEqual([
    [`Redis for tests: a container of redis:7-bookworm at ${redis.url}`],
  ]);
  await redis.close();
  await expect(pingRedis(redis.url)).rejects.toThrow();
});

describe("without Docker", () => {
  const realPath = (command: string) =>
    execFileSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).trim();

  /** A folder that is all there is on the PATH. */
  function usePathOf(...commands: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), "adaedl-path-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const command of ["sh", ...commands])
      symlinkSync(realPath(command), join(folder, command));
    vi.stubEnv("PATH", folder);
    vi.stubEnv("ADAEDL_REQUIRE_DOCKER", "");
    return folder;
  }

  it("is a redis-server process", async () => {
    const info = logged();
    usePathOf("redis-server");
    const redis = await openTestRedis();
    await pingRedis(redis.url);
    expect(redis.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    expect(info.mock.calls).toEqual([[`Redis for tests: a redis-server process at ${redis.url}`]]);
    await redis.close();
    await expect(pingRedis(redis.url)).rejects.toThrow();
  });

  it("says in one line what to install", async () => {
    usePathOf();
    await expect(openTestRedis()).rejects.toThrow(
      "tests need a Redis: start Docker, set ADAEDL_TEST_REDIS_URL, or install one: apt-get install redis-server (Debian, Ubuntu) or brew install redis (macOS)",
    );
  });

  describe.runIf(process.platform === "linux")("on a machine with apt-get", () => {
    /** Puts an apt-get there that does what the script says. */
    function useAptGet(script: string): void {
      const folder = usePathOf("flock", "ln");
      const file = join(folder, "apt-get");
      writeFileSync(file, `#!/bin/sh\ncd ${folder}\n${script}\n`);
      chmodSync(file, 0o755);
    }

    it("root has it installed", async () => {
      const info = logged();
      const installs = `[ "$1" = update ] || ln -s ${realPath("redis-server")} redis-server`;
      useAptGet(installs);
      vi.spyOn(process, "getuid").mockReturnValue(0);
      const redis = await openTestRedis();
      await pingRedis(redis.url);
      await redis.close();
      expect(info.mock.calls[0]).toEqual(["installing redis-server for tests"]);
    });

    it("others do not", async () => {
      useAptGet("exit 0");
      vi.spyOn(process, "getuid").mockReturnValue(1000);
      await expect(openTestRedis()).rejects.toThrow("tests need a Redis: ");
    });

    it("says that it could not", async () => {
      logged();
      useAptGet("exit 1");
      vi.spyOn(process, "getuid").mockReturnValue(0);
      await expect(startRedisServer()).rejects.toThrow(
        "redis-server is missing and apt-get install redis-server failed",
      );
    });
  });
});
