import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openApiKeys } from "./api-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "adaedl-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
let numFiles = 0;
function fileOf(text: string): string {
  const file = join(folder, `keys-${numFiles++}`);
  writeFileSync(file, text);
  return file;
}

test("without keys everybody is one caller", () => {
  const keys = openApiKeys({});
  expect(keys.callerOf(undefined)?.name).toBe("anonymous");
  expect(keys.callerOf("sk-any")).toBe(keys.callerOf(undefined));
});

test("one key is the only one", () => {
  const keys = openApiKeys({ apiKey: "sk-one" });
  expect(keys.callerOf("sk-one")?.name).toBe("default");
  for (const key of [undefined, "", "sk-on", "sk-one ", "SK-ONE"])
    expect(keys.callerOf(key)).toBeUndefined();
  expect(() => openApiKeys({ apiKey: "" })).toThrow("apiKey must not be empty");
});

describe("a file of keys", () => {
  test("knows callers by their keys; a caller's quota is one for all its requests", async () => {
    const file = fileOf("# callers\nteam-a sk-aaaa concurrency=1\n\nteam-b sk-bbbb\n");
    const keys = openApiKeys({ apiKeysFile: file });
    const caller = keys.callerOf("sk-aaaa");
    expect(caller?.name).toBe("team-a");
    expect(keys.callerOf("sk-aaaa")).toBe(caller);
    await caller?.quota.enter(1);
    await expect(caller?.quota.enter(1)).rejects.toThrow(
      "the limit of concurrency of this API key is reached",
    );
    await keys.callerOf("sk-bbbb")?.quota.enter(50);
    for (const key of [undefined, "", "sk-cccc", "team-a"])
      expect(keys.callerOf(key)).toBeUndefined();
  });

  test("counts as it is now, within about a second", async () => {
    const file = fileOf("team-a sk-aaaa concurrency=1\n");
    const keys = openApiKeys({ apiKeysFile: file });
    await keys.callerOf("sk-aaaa")?.quota.enter(1);
    writeFileSync(file, "team-a sk-aaaa concurrency=2\nteam-c sk-cccc\n");
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    await expect.poll(() => keys.callerOf("sk-cccc")?.name, { timeout: 5_000 }).toBe("team-c");
    await keys.callerOf("sk-aaaa")?.quota.enter(2);
  });

  test.each([
    ["team-a", "line 1 must be a name and a token"],
    ["team-a sk-aaaa\nteam-b sk-bbbb sk-cccc", "line 2 must be a name, a key and limits such as"],
    ["", "must hold at least one token"],
  ])("%j is refused, its keys not shown", (text, rule) => {
    const file = fileOf(text);
    const open = () => openApiKeys({ apiKeysFile: file });
    expect(open).toThrow(
      expect.objectContaining({ code: "invalid_argument", field: "apiKeysFile" }),
    );
    expect(open).toThrow(`${file} ${rule}`);
    expect(open).not.toThrow(/sk-/);
  });
});
