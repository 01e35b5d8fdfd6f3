import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeTinyModel } from "@adaedl/testing";
import { describe, expect, it } from "vitest";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl } = createCli();
const prompt = ["--prompt", "The captain looked at the letter and"];

async function json(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await adaedl(["generate", "--json", ...args]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.endsWith("}\n")).toBe(true);
  return JSON.parse(stdout);
}

it("prints the version of the repository", async () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { exitCode, stdout } = await adaedl(["--version"]);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: `${JSON.parse(manifest).version}\n`,
  });
});

it("says in one line what a user without a home directory has to set", async () => {
  const env = { HOME: "", XDG_CACHE_HOME: "", ADAEDL_CACHE_DIR: "" };
  expect(await adaedl(["generate", ...prompt], { env })).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "adaedl: no home directory for the cache: set ADAEDL_CACHE_DIR to a folder that can be written\n",
  });
});

describe("generate", () => {
  it("prints one JSON object whose numbers fit together", async () => {
    const args = [...prompt, "--seed", "7", "--max-tokens", "40", "--ignore-eos"];
    const result = await json(...args, "--policy", "adaedl");
    expect(Object.keys(result)).toEqual([
      "text",
      "tokenIds",
      "promptTokenIds",
      "finishReason",
      "policy",
      "verification",
      "seed",
      "temperature",
      "commits",
      "targetForwards",
      "draftForwards",
      "numDrafted",
      "numAccepted",
      "acceptedBy",
      "numVerifierDrafted",
      "numVerifierAccepted",
      "acceptanceRate",
      "meanAcceptanceLength",
      "durationMs",
      "tokensPerSecond",
      "timings",
    ]);
    expect(result).toMatchObject({
      finishReason: "length",
      policy: "adaedl:lambda=0.7,gamma=0.2,alpha=0.9,beta1=0.5,beta2=0.9,eps=0.01,max=7,test=after",
      verification: "shared-noise",
      seed: 7,
      temperature: 0.8, // what the model's generation_config.json suggests
    });
    const { tokenIds, commits, numDrafted, numAccepted, durationMs, timings } = result;
    expect(tokenIds).toHaveLength(40);
    expect(numAccepted + commits).toBe(40); // every commit adds one token of the target's own
    expect(result.targetForwards).toBe(commits + 1); // and the prompt's
    expect(result.acceptanceRate).toBe(numAccepted / numDrafted);
    expect(result.meanAcceptanceLength).toBe(1 + numAccepted / commits);
    expect(result.tokensPerSecond).toBeCloseTo((40 / durationMs) * 1000, 1);
    // Drafting may begin while the target computes the prompt: then nothing else is left.
    const otherMs = Math.max(0, durationMs - timings.draftMs - timings.verifyMs);
    expect(timings.otherMs).toBeCloseTo(otherMs, 1);
  });

  it("writes the same tokens whatever the policy, and other tokens for another seed", async () => {
    const args = [...prompt, "--max-tokens", "40"];
    const [none, fixed, adaptive, other] = await Promise.all([
      json(...args, "--seed", "5", "--policy", "none"),
      json(...args, "--seed", "5", "--policy", "static:3"),
      json(...args, "--seed", "5", "--policy", "adaedl:lambda=0.5,max=4", "--max-draft", "3"),
      json(...args, "--seed", "6", "--policy", "none"),
    ]);
    expect(fixed.tokenIds).toEqual(none.tokenIds);
    expect(adaptive.tokenIds).toEqual(none.tokenIds);
    expect(other.tokenIds).not.toEqual(none.tokenIds);
    expect(none).toMatchObject({ policy: "none", numDrafted: 0, acceptanceRate: null });
    expect(none).toMatchObject({ meanAcceptanceLength: 1, draftForwards: 0 });
    expect(fixed.targetForwards).toBeLessThan(none.targetForwards);
  });

  it("takes the prompt as text, as token ids, from a file and from stdin", async () => {
    const text = "Zoë said:\nno";
    const file = join(folder, "prompt.txt");
    writeFileSync(file, `${text}\n`);
    const args = ["--seed", "1", "--max-tokens", "5"];
    const asText = await json("--prompt", text, ...args);
    const [asIds, asFile, piped] = await Promise.all([
      json("--prompt-ids", asText.promptTokenIds.join(","), ...args),
      json("--prompt-file", file, ...args),
      adaedl(["generate", "--json", "--prompt-file", "-", ...args], { stdin: text }),
    ]);
    for (const result of [asIds, asFile, JSON.parse(piped.stdout)]) {
      expect(result.promptTokenIds).toEqual(asText.promptTokenIds);
      expect(result.text).toBe(asText.text);
    }
  });

  it("ends before a stop string", async () => {
    const args = [...prompt, "--temperature", "0", "--max-tokens", "30", "--ignore-eos"];
    const whole = await json(...args);
    const [first = "", second = ""] = whole.text.trim().split(/\s+/).slice(2);
    const cut = await json(...args, "--stop", "\u2603", "--stop", `${first} ${second}`);
    expect(cut.finishReason).toBe("stop");
    expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(`${first} ${second}`)));
  });

  it("draws a random seed and says which", async () => {
    const one = await json(...prompt, "--max-tokens", "5");
    const two = await json(...prompt, "--max-tokens", "5");
    expect(one.seed).not.toBe(two.seed);
  });

  it("samples as told", async () => {
    const args = [...prompt, "--max-tokens", "20", "--seed", "2"];
    const [coldest, topOne, biased] = await Promise.all([
      json(...args, "--temperature", "0"),
      json(...args, "--temperature", "1.5", "--top-k", "1"),
      json(...args, "--temperature", "1.5", "--logit-bias", "5=100", "--logit-bias", "6=-1"),
    ]);
    expect(topOne).toMatchObject({ tokenIds: coldest.tokenIds, temperature: 1.5 });
    expect(biased.tokenIds).toEqual(new Array(20).fill(5));
  });

  it("verifies with the rejection rule", async () => {
    const result = await json(...prompt, "--max-tokens", "20", "--verification", "rejection");
    expect(result).toMatchObject({ verification: "rejection", finishReason: expect.any(String) });
    expect(result.numDrafted).toBeGreaterThan(0);
  });

  it("drafts without a model when the target alone is named", async () => {
    const args = [...prompt, "--seed", "5", "--max-tokens", "20"];
    const [alone, pair] = await Promise.all([
      json("--target", "storyteller-target", "--threads", "1", ...args),
      json(...args),
    ]);
    expect(alone).toMatchObject({ draftForwards: 0, tokenIds: pair.tokenIds });
    expect(alone.policy).toMatch(/^stream/);
    const named = await adaedl(["generate", "--draft", "none", "--policy", "static:3", ...args]);
    expect(named.stderr.split("\n")[0]).toBe(
      "adaedl: without a draft model --policy static:3 has nothing to do",
    );
  });

  it("wraps the prompt with the chat template, without a second bos", async () => {
    const directory = join(folder, "chatty");
    const chatTemplate =
      "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}" +
      "{% if add_generation_prompt %}assistant:{% endif %}";
    writeTinyModel(directory, { architecture: "llama", chatTemplate });
    const args = ["--target", directory, "--max-tokens", "3", "--seed", "1"];
    const chat = await json("--chat", "--prompt", "hello", ...args);
    const spelled = await json("--prompt", "user: hello\nassistant:", ...args);
    expect(chat.promptTokenIds).toEqual(spelled.promptTokenIds);
  });

  it("writes the bare text to a pipe and the numbers to stderr", async () => {
    const args = [...prompt, "--seed", "7", "--max-tokens", "40"];
    const [plain, { text }] = await Promise.all([adaedl(["generate", ...args]), json(...args)]);
    expect(plain).toMatchObject({ exitCode: 0, stdout: `${text}\n` });
    const [, heading, units, numbers, time, facts] = plain.stderr.split("\n");
    expect(heading).toMatch(/^ +target +mean acc\. +$/); // as far apart as the numbers are wide
    expect(units?.split(/\s+/)).toEqual([
      "tokens",
      "commits",
      "forwards",
      "drafted",
      "accepted",
      "length",
      "tokens/s",
    ]);
    expect(numbers).toMatch(/^ +40 +\d+ +\d+ +\d+ +\d+ \(\d+ %\) +\d\.\d\d +\d+/);
    expect(time).toMatch(/^time: draft \d+ % · verify \d+ % · other \d+ %$/);
    expect(facts).toBe(
      "stream · shared-noise · weights f32 · draft weights f32 · temperature 0.8 · seed 7 · finish reason length",
    );
  });
});

it("leaves nothing in the home folder for anybody's telemetry", async () => {
  const home = join(folder, "home");
  mkdirSync(home);
  const args = ["generate", ...prompt, "--max-tokens", "4", "--ignore-eos"];
  expect((await adaedl(args, { env: { HOME: home } })).exitCode).toBe(0);
  expect(readdirSync(home)).toEqual([]); // onnxruntime's device id and its events, if it were let
});
