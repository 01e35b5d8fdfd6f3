import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { writeTinyModel } from "@adaedl/testing";
import { describe, expect, it } from "vitest";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl, shell } = createCli();
const prompt = "--prompt 'Once upon a time' --seed 3 --max-tokens 30";

/** A model that goes on for minutes if nobody stops it. */
const endless = join(folder, "endless");
writeTinyModel(endless, { architecture: "llama", contextLength: 200_000 });
const forever = ["generate", "--target", endless, "--prompt", "a", "--ignore-eos"];
forever.push("--max-tokens", "150000");

// util-linux's script(1) gives the command a terminal of its own.
const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux");
const onTerminal = (args: string, env: Record<string, string> = {}) =>
  shell(`printf -v command '%q ' "$@"; script -qec "$command ${args}" /dev/null`, {
    env: { TERM: "xterm", ...env },
  });

const esc = String.fromCharCode(27);
const withoutColors = (text: string) =>
  text.replaceAll(new RegExp(`${esc}\\[\\d+m`, "g"), "").replaceAll("\r", "");

if (!hasScript) console.warn("SKIPPED: terminal tests need script(1) of util-linux on the PATH");

describe.skipIf(!hasScript)("on a terminal", () => {
  it("colours the tokens by where they come from, with a legend", async () => {
    const [colored, piped] = await Promise.all([
      onTerminal(`generate ${prompt} --policy static:2`),
      shell(`"$@" generate ${prompt} --policy static:2`),
    ]);
    for (const color of [32, 33, 36]) expect(colored.stdout).toContain(`${esc}[${color}m`);
    const lines = withoutColors(colored.stdout).split("\n");
    expect(lines[0]).toBe(`Once upon a time${piped.stdout.trimEnd()}`);
    expect(lines[1]).toMatch(
      /^■ accepted draft token · ■ the verifier's own · ■ recovered .* · ■ bonus · ■ autoregressive .*$/,
    );
    expect(lines.slice(2).join("\n")).toContain("tokens/s");
  });

  it("respects NO_COLOR", async () => {
    const { stdout } = await onTerminal(`generate ${prompt}`, { NO_COLOR: "1" });
    expect(stdout).not.toContain(esc);
    expect(stdout).not.toContain("■");
    expect(stdout).toContain("tokens/s");
  });

  it("does not colour tokens where nothing is drafted", async () => {
    const { stdout } = await onTerminal(`generate ${prompt} --policy none`);
    for (const color of [32, 33, 36]) expect(stdout).not.toContain(`${esc}[${color}m`);
  });
});

describe("interruption", () => {
  it("ends with 130 on Ctrl-C", async () => {
    const { exitCode, stderr } = await adaedl(forever, {
      onFirstOutput: (child) => child.kill("SIGINT"),
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: "" });
  });

  it("ends quietly when the reader of its output goes away", async () => {
    const { stdout, stderr } = await shell(
      `"$@" ${forever.join(" ")} | head -c 10 | wc -c; echo "exit code \${PIPESTATUS[0]}"`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: "10\nexit code 0\n", stderr: "" });
  });

  it("fails when its output cannot be written", async () => {
    const { exitCode, stderr } = await shell('"$@" inspect coder-draft > /dev/full');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^adaedl: stdout cannot be written: ENOSPC: [^\n]*\n$/);
  });
});
