import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { examplePair } from "@adaedl/example-models";
import { readModelTensors } from "@adaedl/testing";
import { expect, inject, test, vi } from "vitest";
import { inspectModel } from "../inspection/inspect-model.ts";
import { createProgram } from "../program.ts";

const root = mkdtempSync(join(inject("temporaryFolder"), "distill-"));

async function run(...args: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => written.push(String(text)) > 0);
  try {
    const signal = new AbortController().signal;
    await createProgram(() => signal).parseAsync(["distill", ...args], { from: "user" });
  } finally {
    stdout.mockRestore();
  }
  return written.join("");
}
const pair = ["--target", "coder-target", "--draft", "coder-draft"];

test("writes a model that differs in its weights alone, with a card that says how it was made", async () => {
  const out = join(root, "trained");
  const table = await run(...pair, "--out", `${out}/`, "--tokens", "1000", "--length", "40");
  expect(table).toMatch(/^\| 0.7 \| \d\d\.\d % \| \d\d\.\d % \|$/m);
  expect(existsSync(`${out}.training`)).toBe(false);
  const card = readFileSync(join(out, "README.md"), "utf8");
  expect(table.match(/^\| [\d.]+ \|/gm)).toEqual(["| 0 |", "| 0.7 |", "| 1 |"]);
  expect(card).toContain(table.trim());
  expect(card).toContain(
    "adaedl distill --target coder-target --draft coder-draft --out DIR --loss tv --tokens 1000 --length 40 --seed 1\n",
  );
  const { draft } = examplePair("coder");
  for (const name of ["config.json", "tokenizer.json", "chat_template.jinja"])
    expect(readFileSync(join(out, name))).toEqual(readFileSync(join(draft, name)));
  const [before, after] = [readModelTensors(draft), readModelTensors(out)];
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [name, tensor] of after) expect(tensor, name).not.toEqual(before.get(name));
}, 120_000);

test("--grow writes a larger model, which runs", async () => {
  const out = join(root, "grown");
  await run(...pair, "--out", out, "--grow", "128x2", "--tokens", "1", "--length", "16");
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain(" --out DIR --grow 128x2 --loss");
  const { signal } = new AbortController();
  expect(await inspectModel(out, signal)).toMatchObject({
    ...{ runs: true, hiddenSize: 128, numLayers: 2, numHeads: 4, weightTypes: ["F16"] },
    numParameters: 871_040,
  });
  const smaller = ["--out", join(root, "smaller"), "--grow", "64x2"];
  await expect(run(...pair, ...smaller)).rejects.toThrow(
    'grow must be more than the draft\'s 96x1, got "64x2"',
  );
}, 120_000);

test("what cannot be done is said before anything is trained", async () => {
  await expect(run(...pair, "--out", root)).rejects.toThrow(`${root} must not exist`);
  const out = join(root, "other");
  const mixed = ["--target", "storyteller-target", "--draft", "coder-draft", "--out", out];
  await expect(run(...mixed)).rejects.toThrow(
    /^target and draft must have the same tokenizer, got .*storyteller-target and .*coder-draft$/,
  );
  await expect(run(...pair, "--out", out, "--prompts", join(root, "none"))).rejects.toThrow(
    "--prompts",
  );
  const empty = join(root, "empty.txt");
  writeFileSync(empty, "\n \n");
  await expect(run(...pair, "--out", out, "--prompts", empty)).rejects.toThrow(
    `--prompts ${empty} must have one prompt at least`,
  );
  await expect(run(...pair, "--out", out, "--length", "100000")).rejects.toThrow(
    "length must be at most",
  );
  await expect(run(...pair, "--out", out, "--tokens", "9", "--minutes", "1")).rejects.toMatchObject(
    { code: "commander.conflictingOption" },
  );
  await expect(run(...pair, "--out", "")).rejects.toThrow("--out must name a directory");
  const notes = `${out}.training`;
  mkdirSync(notes);
  writeFileSync(join(notes, "notes.txt"), "");
  await expect(run(...pair, "--out", out)).rejects.toThrow(`${notes} is no training`);
  expect(readdirSync(notes)).toEqual(["notes.txt"]);
  const [gone, link] = [join(root, "gone"), join(root, "link")];
  symlinkSync(gone, link);
  await expect(run(...pair, "--out", link)).rejects.toThrow(`${link} must not exist`);
  expect(existsSync(out)).toBe(false);
});
