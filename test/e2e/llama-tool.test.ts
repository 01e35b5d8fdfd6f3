// Processes that the comparison with llama.cpp starts: none is waited for in vain, none is left behind.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examplePair } from "@adaedl/example-models";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { serveApart, serveLlama } from "../../tools/llama/served.ts";

const folder = mkdtempSync(join(tmpdir(), "adaedl-llama-tool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());
const { signal } = new AbortController();
const numChildren = () =>
  process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;

/** A llama-server that does this. */
function program(script: string): string {
  const path = join(folder, "llama-server");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Answers health checks at the port that it is given. */
const healthy = `exec ${process.execPath} -e '
  const { argv } = process;
  require("node:http").createServer((_, response) => response.end()).listen(argv[argv.indexOf("--port") + 1]);
' -- "$@"`;

test.each([
  ["exit 3", "3"],
  ["kill -9 $$", "SIGKILL"],
])("a llama-server that ends before it serves is an error: %s", async (script, end) => {
  const path = program(script);
  const before = numChildren();
  await expect(serveLlama(path, "model.gguf", 1, 8, signal)).rejects.toThrow(
    `${path} ended with ${end}`,
  );
  expect(numChildren()).toBe(before);
});

test("a path where there is no llama-server is an error", async () => {
  const path = join(folder, "nothing");
  await expect(serveLlama(path, "model.gguf", 1, 8, signal)).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("an abort ends a llama-server that does not get ready", async () => {
  const path = program("exec sleep 60");
  const before = numChildren();
  const starting = serveLlama(path, "model.gguf", 1, 8, AbortSignal.timeout(300));
  await expect(starting).rejects.toMatchObject({ name: "AbortError" });
  expect(numChildren()).toBe(before);
});

test("close resolves where a process has ended by itself", async () => {
  const served = await serveLlama(program(healthy), "model.gguf", 1, 8, signal);
  await served.close();
  await served.close();
});

test("the verifier is closed where the draft service does not start", async () => {
  vi.stubEnv("ADAEDL_MAX_REQUESTS", "none");
  const before = numChildren();
  await expect(serveApart(examplePair("storyteller").target, signal)).rejects.toThrow(
    /^adaedl serve draft .* did not start$/,
  );
  expect(numChildren()).toBe(before);
});
