import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findChromium } from "./find-chromium.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "adaedl-path-"));
  symlinkSync("/bin/sh", join(folder, "sh"));
  vi.stubEnv("PATH", folder);
  vi.stubEnv("ADAEDL_CHROMIUM", "");
  vi.stubEnv("ADAEDL_REQUIRE_BROWSER", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function addCommand(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return path;
}

it("is the one on the PATH", async () => {
  addCommand("google-chrome");
  const chromium = addCommand("chromium-browser");
  expect(await findChromium()).toBe(chromium);
});

it("is the one that is named, or none", async () => {
  addCommand("chromium");
  const mine = addCommand("mine");
  vi.stubEnv("ADAEDL_CHROMIUM", mine);
  expect(await findChromium()).toBe(mine);
  vi.stubEnv("ADAEDL_CHROMIUM", "/nowhere/chromium");
  await expect(findChromium()).rejects.toThrow("ADAEDL_CHROMIUM names no program: /nowhere/");
});

it("says that tests are skipped where there is none", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(await findChromium()).toBeUndefined();
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^SKIPPED: .*apt-get install chromium/)],
  ]);
});

it("is an error where a browser is required", async () => {
  vi.stubEnv("ADAEDL_REQUIRE_BROWSER", "1");
  await expect(findChromium()).rejects.toThrow(
    "ADAEDL_REQUIRE_BROWSER is set, but there is no Chromium on the PATH",
  );
});
