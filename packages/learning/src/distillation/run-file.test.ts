import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { modelVersion, readRun, writeRun } from "./run-file.ts";

const root = mkdtempSync(join(inject("temporaryFolder"), "run-file-"));
const options = { seed: 1 };
const run = { match: [[0.7, 0.5]], saved: { 3: { numJudged: 100, elapsedMs: 5 } } } as const;

test("a record is read as it was written, with the same options alone", async () => {
  const directory = join(root, "written");
  expect(await readRun(directory, options)).toBeUndefined();
  await writeRun(directory, options, run);
  expect(await readRun(directory, options)).toMatchObject(run);
  await expect(readRun(directory, { seed: 2 })).rejects.toThrow(
    `${directory} holds a training that was begun with other options or models: repeat it with those, or remove it`,
  );
});

test.each([
  ["somebody else's", "notes.txt", "buy bread"],
  ["a state without a record", "model.safetensors", ""],
  ["a record that was cut off", "run.json", '{"options":"1'],
  ["an empty record", "run.json", ""],
  ["a record of nothing", "run.json", "null"],
])("a directory that holds %s is refused by name", async (_, name, text) => {
  const directory = mkdtempSync(join(root, "other-"));
  writeFileSync(join(directory, name), text);
  await expect(readRun(directory, options)).rejects.toThrow(
    `${directory} is no training that can go on: remove it, or rename it`,
  );
});

test("a model that was replaced has another version", async () => {
  const directory = join(root, "model");
  mkdirSync(directory);
  writeFileSync(join(directory, "config.json"), "{}");
  writeFileSync(join(directory, "model.safetensors"), "12345678");
  const before = await modelVersion(directory);
  expect(await modelVersion(directory)).toEqual(before);
  rmSync(join(directory, "model.safetensors"));
  writeFileSync(join(directory, "model.safetensors"), "123456789");
  expect(await modelVersion(directory)).not.toEqual(before);
});
