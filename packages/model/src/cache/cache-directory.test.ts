import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { cacheDirectory } from "./cache-directory.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.doUnmock("env-paths");
});

test("ADAEDL_CACHE_DIR is where it says", async () => {
  expect(await cacheDirectory({ ADAEDL_CACHE_DIR: "/tmp/graphs" })).toBe("/tmp/graphs");
  expect(await cacheDirectory({ ADAEDL_CACHE_DIR: " /tmp/graphs\n" })).toBe("/tmp/graphs");
});

test.runIf(process.platform === "linux")("on Linux it is in the XDG cache folder", async () => {
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  expect(await cacheDirectory({})).toBe(join(cacheHome, "adaedl"));
  expect(await cacheDirectory({ ADAEDL_CACHE_DIR: "" })).toBe(join(cacheHome, "adaedl"));
});

test("the environment is the process's own unless another is given", async () => {
  vi.stubEnv("ADAEDL_CACHE_DIR", "/tmp/own");
  expect(await cacheDirectory()).toBe("/tmp/own");
});

const noHome =
  "no home directory for the cache: set ADAEDL_CACHE_DIR to a folder that can be written";

test("without a home directory ADAEDL_CACHE_DIR is enough, and named where it is missing", async () => {
  // As for a user without an entry in /etc/passwd, and without HOME: the library looks when it is loaded.
  vi.doMock("env-paths", () => {
    throw new Error("A system error occurred: uv_os_homedir returned ENOENT");
  });
  expect(await cacheDirectory({ ADAEDL_CACHE_DIR: "/tmp/graphs" })).toBe("/tmp/graphs");
  await expect(cacheDirectory({})).rejects.toMatchObject({
    code: "failed_precondition",
    field: "ADAEDL_CACHE_DIR",
    message: noHome,
  });
});

test("an empty HOME is no home directory: graphs do not end up where the command runs", async () => {
  vi.doMock("env-paths", () => ({ default: () => ({ cache: ".cache/adaedl" }) }));
  await expect(cacheDirectory({})).rejects.toThrow(noHome);
});
