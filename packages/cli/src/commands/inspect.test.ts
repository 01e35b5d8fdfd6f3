import { expect, test, vi } from "vitest";
import { createProgram } from "../program.ts";

async function inspect(...args: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => written.push(String(text)) > 0);
  try {
    const { signal } = new AbortController();
    await createProgram(() => signal).parseAsync(["inspect", ...args], { from: "user" });
  } finally {
    stdout.mockRestore();
  }
  return written.join("");
}

test("--against measures how often a draft chooses its target's token", async () => {
  const text = await inspect("coder-draft", "--against", "coder-target");
  const line = text.match(/^match .*$/m)?.[0] ?? "";
  expect(line).toMatch(/\(16 texts of 128 tokens by coder-target\)$/);
  const shares = [...line.matchAll(/([\d.]+) % at temperature ([\d.]+)/g)];
  expect(shares.map(([, , temperature]) => temperature)).toEqual(["0", "0.7", "1"]);
  for (const [, share] of shares) {
    expect(Number(share)).toBeGreaterThan(40);
    expect(Number(share)).toBeLessThan(95);
  }
}, 120_000);

test("--against takes models of one tokenizer", async () => {
  await expect(inspect("coder-draft", "--against", "storyteller-target")).rejects.toThrow(
    /^target and draft must have the same tokenizer, got .*storyteller-target and .*coder-draft$/,
  );
  await expect(inspect("coder-draft", "--against", "nowhere")).rejects.toThrow(
    'a model must be a directory or one of storyteller-target, storyteller-draft, coder-target, coder-draft, got "nowhere"',
  );
});
