import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readCorpus } from "./corpus.ts";

function fileOfTest(): string {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-corpus-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, "corpus");
}

const read = (corpus: string) => readCorpus({ corpus, drafter: ["aded"] }, undefined);

test("reads the first 256 KiB of a file", async () => {
  const file = fileOfTest();
  writeFileSync(file, "x".repeat(300 << 10));
  expect(await read(file)).toHaveLength(256 << 10);
});

test("reads a pipe, whatever the pieces it comes in", async () => {
  const file = fileOfTest();
  execFileSync("mkfifo", [file]);
  const [corpus] = await Promise.all([read(file), writeFile(file, "y".repeat(200 << 10))]);
  expect(corpus).toHaveLength(200 << 10);
});

test.each(["", "/missing/corpus"])("names the file that cannot be read: %j", async (file) => {
  await expect(read(file)).rejects.toThrow(`corpus ${JSON.stringify(file)} cannot be read: ENOENT`);
});
