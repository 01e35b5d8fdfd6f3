import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addGenerateOptions } from "./generate-options.ts";

function parse(...args: string[]) {
  const command = addGenerateOptions(new Command().exitOverride());
  command.configureOutput({ outputError: () => {} });
  return command.parse(args, { from: "user" }).opts();
}

const malformed = [
  ["--prompt-ids 1,x", "It must be token ids separated by commas, such as 1,2,3."],
  ["--temperature abc", "It must be a number."],
  ["--top-p 0x1", "It must be a number."],
  ["--max-tokens 5x", "It must be a whole number."],
  ["--top-k 1.5", "It must be a whole number."],
  ["--threads 0", "It must be a whole number from 1 to 256."],
  ["--threads 20000", "It must be a whole number from 1 to 256."],
  ["--logit-bias 5", "It must be a token id and a number, such as 42=-1.5."],
  ["--verification trust", "Allowed choices are shared-noise, rejection."],
  ["--pair poet", "Allowed choices are storyteller, coder."],
] as const;

const contradictions = [
  ["--prompt a --prompt-file b", "--prompt <text>", "--prompt-file <file>"],
  ["--prompt a --prompt-ids 1", "--prompt <text>", "--prompt-ids <ids>"],
  ["--prompt-file a --prompt-ids 1", "--prompt-file <file>", "--prompt-ids <ids>"],
  ["--chat --prompt-ids 1", "--chat", "--prompt-ids <ids>"],
  ["--pair coder --target coder-target", "--target <dir>", "--pair <name>"],
] as const;

describe("options of generate", () => {
  it.each(malformed)("refuse %s: %s", (line, rule) => {
    const [flag = "", value = ""] = line.split(" ");
    const message = new RegExp(`^error: option '${flag} <.*>' argument '${value}' is invalid. `);
    expect(() => parse(flag, value)).toThrow(message);
    expect(() => parse(flag, value)).toThrow(rule);
  });

  it.each(contradictions)("refuse %s together", (line, one, other) => {
    expect(() => parse(...line.split(" "))).toThrow(
      `error: option '${one}' cannot be used with option '${other}'`,
    );
  });

  it("take negative numbers as values", () => {
    expect(parse("--presence-penalty", "-1.5")).toMatchObject({ presencePenalty: -1.5 });
    expect(parse("--top-k", "-1")).toMatchObject({ topK: -1 });
  });
});
