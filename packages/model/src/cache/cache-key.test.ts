import { cpSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { weightPrecisions } from "@adaedl/core";
import { writeTinyModel } from "@adaedl/testing";
import { expect, test, vi } from "vitest";
import { findWeightFiles } from "../safetensors/weight-store.ts";
import { newPath, writeFiles } from "../temporary-directory.cases.ts";
import { cacheKey } from "./cache-key.ts";

const keyOf = async (directory: string) =>
  cacheKey(directory, await findWeightFiles(directory), "f32");
const tiny = (numShards = 1) =>
  writeTinyModel(newPath(), { architecture: "llama", numShards }).directory;

test("a key is the builder's number and 24 hexadecimal digits, the same each time", async () => {
  const directory = tiny();
  const key = await keyOf(directory);
  expect(key).toMatch(/^8-[0-9a-f]{24}$/);
  expect(await keyOf(directory)).toBe(key);
});

test("each precision has a key of its own", async () => {
  const directory = tiny();
  const files = await findWeightFiles(directory);
  const keys = weightPrecisions.map((precision) => cacheKey(directory, files, precision));
  expect(new Set(await Promise.all(keys)).size).toBe(3);
});

test.each([1, 3])(
  "a copy in another place has the same key, %d weight files",
  async (numShards) => {
    const directory = tiny(numShards);
    const copy = newPath("elsewhere");
    cpSync(directory, copy, { recursive: true });
    utimesSync(join(copy, "config.json"), 1, 1);
    expect(await keyOf(copy)).toBe(await keyOf(directory));
  },
);

test("one changed byte of any file that counts changes the key", async () => {
  const directory = tiny(2);
  const names = [
    "config.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ];
  const keys = [await keyOf(directory)];
  for (const name of names) {
    const file = join(directory, name);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(file, bytes);
    keys.push(await keyOf(directory));
  }
  expect(new Set(keys).size).toBe(4);
});

test("the border between two files counts", async () => {
  const [config, first, second] = ["config.json", "a.safetensors", "b.safetensors"];
  const directory = writeFiles({ [config]: "{}", [first]: "one two", [second]: " three" });
  const other = writeFiles({ [config]: "{}", [first]: "one", [second]: " two three" });
  const key = (path: string) => cacheKey(path, [join(path, first), join(path, second)], "f32");
  expect(await key(other)).not.toBe(await key(directory));
});

test("a file beyond 256 MiB is known by what the file system says of it", async () => {
  const directory = writeFiles({ "config.json": "{}", "model.safetensors": "" });
  const file = join(directory, "model.safetensors");
  truncateSync(file, 2 ** 28 + 1); // a hole: takes no room
  utimesSync(file, 1000, 1000);
  const key = await keyOf(directory);
  expect(await keyOf(directory)).toBe(key);
  utimesSync(file, 1000, 2000);
  const later = await keyOf(directory);
  expect(later).not.toBe(key);
  truncateSync(file, 2 ** 28 + 2);
  expect(await keyOf(directory)).not.toBe(later);
});

test("two large files of one name, size and time are told apart", async () => {
  const keys = ["one", "other"].map(async () => {
    const directory = writeFiles({ "config.json": "{}", "model.safetensors": "" });
    const file = join(directory, "model.safetensors");
    truncateSync(file, 2 ** 28 + 1);
    utimesSync(file, 1000, 1000); // as unpacking an archive does
    return await keyOf(directory);
  });
  const [one, other] = await Promise.all(keys);
  expect(other).not.toBe(one);
});

test("many shards raise no warning", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  try {
    await keyOf(tiny(20));
    expect(warn.mock.calls).toEqual([]);
  } finally {
    warn.mockRestore();
  }
});
