import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { afterAll, describe, expect, test } from "vitest";
import { openBearerTokens, readSecret } from "./bearer-tokens.ts";

const directory = mkdtempSync(join(tmpdir(), "adaedl-tokens-"));
afterAll(() => rmSync(directory, { recursive: true }));

let numFiles = 0;
function fileOf(text: string): string {
  const file = join(directory, `tokens-${numFiles++}`);
  writeFileSync(file, text);
  return file;
}

function failureOf(action: () => unknown): AdaedlError {
  try {
    action();
  } catch (error) {
    if (error instanceof AdaedlError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a file of tokens", () => {
  test("has a name and a token on each line, and comments and empty lines count for nothing", () => {
    const tokens = openBearerTokens(
      fileOf("# clients\n\nedge-1 one\r\n  edge-2\t two  \n#edge-3 three\nedge-1 uno"),
    );
    expect(tokens.ownerOf("one")).toBe("edge-1");
    expect(tokens.ownerOf("uno")).toBe("edge-1");
    expect(tokens.ownerOf("two")).toBe("edge-2");
    for (const token of ["three", "edge-1", "on", "ones", "", "ONE"])
      expect(tokens.ownerOf(token)).toBeUndefined();
  });

  test.each([
    ["a token alone", "s3cret"],
    ["three words", "edge-1 s3cret more"],
    ["a token in two", "edge-1 s3cret s3cret"],
  ])("is refused without repeating what is in it: %s", (_, line) => {
    const file = fileOf(`edge-0 zero\n${line}\n`);
    const error = failureOf(() => openBearerTokens(file));
    expect(error).toMatchObject({
      code: "invalid_argument",
      message: `${file} line 2 must be a name and a token`,
      field: "tokensFile",
      value: undefined,
    });
    expect(JSON.stringify(error) + error.stack + error.message).not.toContain("s3cret");
  });

  test.each(["", "\n", "# nobody\n"])("is refused when it holds no token: %j", (text) => {
    const file = fileOf(text);
    expect(failureOf(() => openBearerTokens(file))).toMatchObject({
      code: "invalid_argument",
      message: `${file} must hold at least one token`,
      field: "tokensFile",
    });
  });

  test("is refused when it is not there", () => {
    const file = join(directory, "none");
    expect(failureOf(() => openBearerTokens(file))).toMatchObject({
      code: "invalid_argument",
      message: `${file} cannot be read: ENOENT`,
      field: "tokensFile",
    });
  });
});

describe("rotation", () => {
  /** Writes with a time of its own, however coarse the clock of the file system is. */
  let time = 1_000_000;
  function rewrite(file: string, text: string): void {
    writeFileSync(file, text);
    utimesSync(file, ++time, time);
  }

  test.concurrent("a changed file counts within about a second", async () => {
    const file = fileOf("edge-1 old");
    const tokens = openBearerTokens(file);
    rewrite(file, "edge-1 new");
    await sleep(1_100);
    expect(tokens.ownerOf("new")).toBe("edge-1");
    expect(tokens.ownerOf("old")).toBeUndefined();
  });

  test.concurrent.each<[string, (file: string) => void]>([
    ["half-written", (file) => rewrite(file, "edge-1 new\nedge-2")],
    ["empty", (file) => rewrite(file, "")],
    ["gone", (file) => rmSync(file)],
  ])("a file that is %s leaves the tokens as they were", async (_, spoil) => {
    const file = fileOf("edge-1 old");
    const tokens = openBearerTokens(file);
    spoil(file);
    await sleep(1_100);
    expect(tokens.ownerOf("old")).toBe("edge-1");
    expect(tokens.ownerOf("new")).toBeUndefined();
    rewrite(file, "edge-1 new");
    await sleep(1_100);
    expect(tokens.ownerOf("new")).toBe("edge-1");
  });
});

test("a secret is its file's content without the white space around it", () => {
  expect(readSecret(fileOf("  s3cret\r\n"), "tokenFile")).toBe("s3cret");
});

test("an empty or missing file is no secret", () => {
  const empty = fileOf(" \n");
  expect(failureOf(() => readSecret(empty, "tokenFile"))).toMatchObject({
    code: "invalid_argument",
    message: `${empty} is empty`,
    field: "tokenFile",
  });
  const missing = join(directory, "none");
  expect(failureOf(() => readSecret(missing, "tokenFile"))).toMatchObject({
    code: "invalid_argument",
    message: `${missing} cannot be read: ENOENT`,
    field: "tokenFile",
  });
});
