import { cpSync, existsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleModelDirectory } from "@adaedl/example-models";
import { createTinyTensors, writeSafetensors, writeTinyModel } from "@adaedl/testing";
import { describe, expect, it } from "vitest";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl } = createCli();
const target = exampleModelDirectory("storyteller-target");

const missing = join(folder, "nowhere");

const truncated = join(folder, "truncated");
cpSync(target, truncated, { recursive: true });
const truncatedFile = join(truncated, "model.safetensors");
truncateSync(truncatedFile, 5_000_000);

const poisoned = join(folder, "poisoned");
writeTinyModel(poisoned, { architecture: "llama" });
const poisonedFile = join(poisoned, "model.safetensors");
const tensors = createTinyTensors({ architecture: "llama" });
const values = Float32Array.from(tensors[3]?.values ?? []);
values[5] = Number.NaN;
writeSafetensors(
  poisonedFile,
  tensors.map((tensor, index) => (index === 3 ? { ...tensor, values } : tensor)),
);

const binary = join(folder, "binary.txt");
writeFileSync(binary, Buffer.from([0x61, 0xff, 0xfe]));

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly exitCode: 1 | 2;
  readonly message: string | RegExp;
}
const hello = ["--prompt", "hello"];
const longPrompt = "one two ".repeat(400);

/** What is wrong with the command line or the request. */
const usage: readonly Omit<Case, "exitCode">[] = [
  {
    name: "no prompt",
    args: [],
    message: "a prompt is needed: --prompt, --prompt-file or --prompt-ids",
  },
  {
    name: "two prompts",
    args: [...hello, "--prompt-ids", "1"],
    message: "option '--prompt <text>' cannot be used with option '--prompt-ids <ids>'",
  },
  {
    name: "an unreadable prompt file",
    args: ["--prompt-file", missing],
    message: `prompt file ${missing} cannot be read: ENOENT: no such file or directory`,
  },
  {
    name: "a prompt file that is no text",
    args: ["--prompt-file", binary],
    message: `prompt file ${binary} is not UTF-8 text`,
  },
  {
    name: "a token id out of range",
    args: ["--prompt-ids", "1,4096"],
    message: "prompt token ids[1] must be a whole number from 0 to 4095, got 4096",
  },
  {
    name: "a prompt longer than the context",
    args: ["--prompt", longPrompt],
    message: /^prompt must be shorter than the context here, 512 tokens, got \d+$/,
  },
  {
    name: "an unknown policy",
    args: [...hello, "--policy", "magic"],
    message:
      /^policy must be one of none, stream\[:bound=auto,.*, static:K, adaedl\[:lambda=0\.7,.*, got "magic"$/,
  },
  {
    name: "a negative temperature",
    args: [...hello, "--temperature", "-1"],
    message: "temperature must be from 0 to 100, got -1",
  },
  {
    name: "a temperature that is no number",
    args: [...hello, "--temperature", "abc"],
    message: "option '--temperature <t>' argument 'abc' is invalid. It must be a number.",
  },
  {
    name: "a misspelled option",
    args: [...hello, "--temprature", "1"],
    message: "unknown option '--temprature' (Did you mean --temperature?)",
  },
];

/** What is refused once the models are there. */
const failures: readonly Case[] = [
  {
    name: "no room for the tokens asked for",
    args: ["--prompt-ids", "1,2", "--max-tokens", "511"],
    exitCode: 2,
    message:
      "maxTokens must leave the sequence within the context here: 2 prompt tokens + 511 > 512",
  },
  {
    name: "an empty stop string",
    args: [...hello, "--stop", ""],
    exitCode: 2,
    message: 'stop strings must not be empty, got ""',
  },
  {
    name: "a directory that does not exist",
    args: [...hello, "--target", missing],
    exitCode: 1,
    message: `model directory ${missing} does not exist`,
  },
  {
    name: "a truncated weight file",
    args: [...hello, "--target", truncated],
    exitCode: 1,
    message: new RegExp(
      `^${truncatedFile} is not a whole safetensors file: tensor \\S+ ends at byte \\d+, the file at 5000000 \\(truncated\\?\\)$`,
    ),
  },
  {
    name: "weights that are not numbers",
    args: [...hello, "--target", poisoned],
    exitCode: 1,
    message: `${poisonedFile}: tensor ${tensors[3]?.name} holds NaN: weights must be finite numbers`,
  },
  {
    name: "a provider that this machine does not have",
    args: [...hello, "--provider", "cuda"],
    exitCode: 1,
    message: /^provider cuda cannot run \S+groups-1.onnx: /,
  },
  {
    name: "a provider that does not exist",
    args: [...hello, "--provider", "abacus"],
    exitCode: 1,
    message: /^provider abacus cannot run \S+groups-1.onnx: .*\[abacus\] backend not found/,
  },
];

describe("bad input", () => {
  const check = async ({ args, exitCode, message }: Case, cli = adaedl) => {
    const result = await cli(["generate", ...args]);
    const lines = result.stderr.trimEnd().split("\n");
    const said = lines.at(-1)?.replace(/^adaedl: /, "") ?? "";
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).not.toMatch(/^ +at /m);
    return lines;
  };

  it.each(usage)("refuses $name before a model is opened", async (wrong) => {
    const untouched = join(folder, `cache of ${wrong.name}`);
    const lines = await check({ ...wrong, exitCode: 2 }, createCli(untouched).adaedl);
    expect(lines).toHaveLength(1);
    expect(existsSync(untouched)).toBe(false);
  });

  it.each(failures)("refuses $name", async (wrong) => {
    const lines = await check(wrong);
    // onnxruntime says something of its own about a library that is missing.
    if (!wrong.args.includes("cuda")) expect(lines).toHaveLength(1);
  });

  it("shows where an error comes from with --verbose", async () => {
    const { exitCode, stderr } = await adaedl([
      "generate",
      ...hello,
      "--target",
      missing,
      "--verbose",
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^adaedl: model directory .* does not exist\nAdaedlError: .*\n +at /);
    expect(stderr).toContain("code: 'not_found'");
  });

  it("refuses an unknown command and shows help for none", async () => {
    const [unknown, none, help] = await Promise.all([
      adaedl(["generat"]),
      adaedl([]),
      adaedl(["generate", "--help"]),
    ]);
    expect(unknown).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "adaedl: unknown command 'generat' (Did you mean generate?)\n",
    });
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toMatch(/^Usage: adaedl /);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout).toMatch(/^Usage: adaedl generate /);
  });
});
