import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheDirectory } from "./cache-directory.ts";

test("ADAEDL_CACHE_DIR is where it says", () => {
  expect(cacheDirectory({ ADAEDL_CACHE_DIR: "/tmp/graphs" })).toBe("/tmp/graphs");
});

test.runIf(process.platform === "linux")("on Linux it is in the XDG cache folder", () => {
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  expect(cacheDirectory({})).toBe(join(cacheHome, "adaedl"));
  expect(cacheDirectory({ ADAEDL_CACHE_DIR: "" })).toBe(join(cacheHome, "adaedl"));
});

test("the environment is the process's own unless another is given", () => {
  const before = process.env.ADAEDL_CACHE_DIR;
  process.env.ADAEDL_CACHE_DIR = "/tmp/own";
  try {
    expect(cacheDirectory()).toBe("/tmp/own");
  } finally {
    if (before === undefined) delete process.env.ADAEDL_CACHE_DIR;
    else process.env.ADAEDL_CACHE_DIR = before;
  }
});
