import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outputsOn } from "../../tools/docs/command-outputs.ts";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl } = createCli();
const quick = ["advise", "--num-prompts", "2", "--max-tokens", "32"];
/** A fast edge and a target of 39 ms a forward; and an edge as slow as its target. */
const pays = [...quick, "--draft-ms", "4", "--verify-ms", "39"];
const neverPays = [...quick, "--draft-ms", "60", "--verify-ms", "30+1"];

interface AdviceJson {
  readonly pays: boolean;
  readonly rttMs: number;
  readonly costs: Readonly<
    Record<"draftMs" | "verifyBaseMs" | "verifyTokenMs" | "plainMs", number>
  >;
  readonly policies: readonly {
    readonly policy: string;
    readonly tokensPerSecond: number;
    readonly timesPlain: number;
    readonly targetForwardsPer100Tokens: number;
  }[];
  readonly breakEven: Readonly<
    Record<"timesPlain" | "tokensPerForward" | "plainMs" | "verifyMs", number> & {
      rttMs?: number;
    }
  >;
}

async function adviceOf(args: readonly string[], said = ""): Promise<AdviceJson> {
  const { exitCode, stdout, stderr } = await adaedl([...args, "--json"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: said });
  return JSON.parse(stdout);
}

// Each command opens both models and decodes: seconds on a quiet machine.
const patient = { timeout: 120_000 };

describe("with costs that are given", patient, () => {
  test("drafting pays near the verifier, and the same is said again", async () => {
    const [first, second] = [
      await adaedl([...pays, "--rtt-ms", "5"]),
      await adaedl([...pays, "--rtt-ms", "5"]),
    ];
    expect(first).toEqual(second);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toMatch(/^none +\d\S* +1\.00 +100$/m);
    expect(first.stdout).toMatch(/^static:\d+ \(best static\) +\d\S* +1\.\d\d +\d\d\.\d\d$/m);
    expect(first.stdout).toMatch(/^adaedl +/m);
    expect(first.stdout).toMatch(/^stream +/m);
    expect(first.stdout).toMatch(
      /^Drafting pays up to a round trip of \S+ ms: beside the verifier a target forward brings \S+ tokens in \S+ ms, which plain streaming writes in \S+ ms\.$/m,
    );
    expect(first.stdout).toMatch(/^At 5 ms \S+ is the fastest, 1\.\d\d times plain streaming\.$/m);
    expect(first.stdout).toMatch(/^Target forwards are saved in any case: /m);
  });

  test("the documentation shows what is answered", async () => {
    const page = readFileSync(new URL("../../docs/advise.md", import.meta.url), "utf8");
    const outputs = outputsOn(page);
    expect(outputs).toHaveLength(1);
    for (const { args, output } of outputs) {
      const { stdout } = await adaedl(args);
      // Logits of another processor may differ in their last bits, and a sampled token with them.
      const number = /\d+(?:\.\d+)?/g;
      const [shown, found] = [output, stdout].map((text) => text.match(number)?.map(Number) ?? []);
      const words = [output, stdout].map((text) =>
        text.replaceAll(number, "#").replaceAll(/ +/g, " "),
      );
      expect(words[1], "npm run generate").toBe(words[0]);
      for (const [index, value] of (found ?? []).entries())
        expect(Math.abs(value / (shown?.[index] ?? 0) - 1), "npm run generate").toBeLessThan(0.05);
    }
  });

  test("--json has every number of it", async () => {
    const advice = await adviceOf([...pays, "--rtt-ms", "5"]);
    expect(advice).toMatchObject({
      ...{ pair: "storyteller", rttMs: 5, temperature: 0.7, numTexts: 2, numTokens: 32 },
      pays: true,
      costs: { draftMs: 4, verifyBaseMs: 39, verifyTokenMs: 0, plainMs: 39 },
    });
    const [plain, bestStatic, ...others] = advice.policies;
    expect(plain).toMatchObject({ policy: "none", timesPlain: 1, targetForwardsPer100Tokens: 100 });
    expect(plain?.tokensPerSecond).toBeCloseTo((1000 * 32) / (32 * 39 + 5));
    expect(bestStatic?.policy).toMatch(/^static:\d+$/);
    expect(others.map(({ policy }) => policy)).toEqual(["adaedl", "stream"]);
    const { timesPlain, tokensPerForward, plainMs, verifyMs, rttMs } = advice.breakEven;
    // The target never waits, so that the speed is what its forwards bring.
    expect(timesPlain).toBeCloseTo((tokensPerForward * plainMs) / verifyMs, 1);
    expect(rttMs).toBeGreaterThan(5);
  });

  test("far away a stream gains next to nothing, and loses nothing", async () => {
    const { policies, breakEven } = await adviceOf([...pays, "--rtt-ms", "5000"]);
    const stream = policies.find(({ policy }) => policy === "stream");
    expect(stream?.timesPlain).toBeGreaterThan(0.99);
    expect(stream?.timesPlain).toBeLessThan(1.05);
    expect(breakEven.rttMs).toBeLessThan(5000);
  });

  test("a draft token that costs more than it saves never pays", async () => {
    const { stdout } = await adaedl([...neverPays, "--rtt-ms", "0"]);
    expect(stdout).toMatch(/^Drafting pays at no distance: /m);
    expect(stdout).toContain("At 0 ms plain decoding is the fastest");
    const { pays: isFaster, breakEven } = await adviceOf([...neverPays, "--rtt-ms", "0"]);
    expect(isFaster).toBe(false);
    expect(breakEven.rttMs).toBeUndefined();
  });

  test("a pair by its directories, and a prompt from a file", async () => {
    const file = join(folder, "prompt.txt");
    writeFileSync(file, "def add(a, b):\n");
    const models = ["--target", "coder-target", "--draft", "coder-draft"];
    const advice = await adviceOf([...pays, ...models, "--prompt-file", file]);
    expect(advice).toMatchObject({ rttMs: 40, costs: { draftMs: 4 } });
  });
});

describe("measured", patient, () => {
  let verifier: ServiceProcess;
  beforeAll(async () => {
    const own = ["--listen", "127.0.0.1:0", "--threads", "1", "--emulate-forward-ms", "30+1"];
    verifier = await startServiceProcess(["verifier", ...own]);
  });
  afterAll(() => verifier?.kill());

  test("costs are those of this machine, the round trip that to a verifier", async () => {
    const { address } = verifier.ready as { address: string };
    const said = "adaedl: the verifier emulates model time: 30+1 ms a forward\n";
    const { rttMs, costs } = await adviceOf([...quick, "--verifier", address], said);
    expect(rttMs).toBeGreaterThan(0);
    expect(rttMs).toBeLessThan(1_000);
    for (const name of ["draftMs", "verifyBaseMs", "plainMs"] as const)
      expect(costs[name]).toBeGreaterThan(0);
    expect(costs.verifyTokenMs).toBeGreaterThanOrEqual(0);
  });
});

describe("bad input is refused in one line before a model is opened", () => {
  test.each([
    [
      ["--target", "storyteller-target"],
      "--target and --draft go together, and take the place of --pair",
    ],
    [["--rtt-ms", "-1"], /It must be a whole number from 0 to 10000\.$/],
    [["--rtt-ms", "1", "--verifier", "a:1"], /cannot be used with option/],
    [["--verify-ms", "30+x"], /It must be FORWARD or FORWARD\+ROW in milliseconds/],
    [["--draft-ms", "0"], /a forward takes more than 0\.$/],
    [["--temperature", "-1"], "temperature must be from 0 to 100, got -1"],
    [
      ["--max-tokens", "600"],
      /^prompt must leave room in the pair's context of 512 tokens for 600 /,
    ],
    [["--prompt-file", join(folder, "nowhere")], /cannot be read: ENOENT/],
  ] as const)("%s", async (args, message) => {
    const untouched = join(folder, `cache of ${args.join(" ").replaceAll("/", " ")}`);
    const { exitCode, stdout, stderr } = await createCli(untouched).adaedl(["advise", ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    const said = stderr.trimEnd().replace(/^adaedl: /, "");
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(existsSync(untouched)).toBe(false);
  });
});
