import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl } = createCli();
const small = ["bench", "--pair", "coder", "--num-prompts", "2", "--max-tokens", "24"];
const given = ["--draft-ms", "6", "--verify-ms", "30+1", "--temperatures", "0.7"];

interface PrintedCell {
  readonly policy: string;
  readonly [name: string]: unknown;
}

const cellsOf = (stdout: string) => (JSON.parse(stdout) as { cells: PrintedCell[] }).cells;

describe("bench, by the virtual clock", () => {
  test("--json has a cell for each policy on each network, the same in every run", async () => {
    const policies = ["none", "static:3", "adaedl:lambda=0.5,max=9", "best-static", "oracle"];
    const args = [...small, ...given, "--rtt-ms", "0,40", "--json"];
    const first = await adaedl([...args, "--policies", policies.join(",")]);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    const cells = cellsOf(first.stdout);
    expect(cells.map(({ policy, rttMs }) => [policy, rttMs])).toEqual(
      [0, 40].flatMap((rttMs) => policies.map((policy) => [policy, rttMs])),
    );
    expect(cells.map(({ maxDraftLength }) => maxDraftLength).slice(0, 5)).toEqual([
      0, 3, 9, 16, 16,
    ]);
    const { matches } = JSON.parse(first.stdout);
    expect(matches).toEqual([{ pair: "coder", temperature: 0.7, match: expect.any(Number) }]);
    expect(matches[0].match).toBeGreaterThan(0.4);
    expect(matches[0].match).toBeLessThan(0.9);
    const [plain] = cells;
    expect(plain).toEqual({
      ...{ pair: "coder", policy: "none", verification: "shared-noise", preset: "given" },
      ...{ clock: "virtual", rttMs: 0, temperature: 0.7, maxDraftLength: 0 },
      tokensPerSecond: expect.closeTo(1000 / 30, 6),
      roundTripsPer100Tokens: (100 * 2) / 48, // one for each text
      targetForwardsPer100Tokens: 100,
      ...{ numDrafted: 0, numAccepted: 0, numTokens: 48 },
    });
    const again = await adaedl([...args, "--policies", policies.join(",")]);
    expect(again.stdout).toBe(first.stdout);
  }, 60_000);

  test("prints a table and writes the page with the plots", async () => {
    const report = join(folder, "report");
    const policies = ["--policies", "none,static:2,adaedl,stream"];
    const args = [...small, ...given, ...policies, "--report", report];
    const { exitCode, stdout } = await adaedl(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/coder · given · T = 0.7 · RTT 0 ms/);
    expect(stdout).toMatch(/^stream +\d/m);
    expect(stdout).toMatch(/^Match probability of coder: \d\d\.\d % at T 0\.7$/m);
    expect(stdout).toContain(join(report, "index.html"));
    const page = await readFile(join(report, "index.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).toContain("stream");
  });

  test("--preset paper lays the ratios beside the paper's", async () => {
    const { stdout } = await adaedl([...small, "--preset", "paper"]);
    expect(stdout).toMatch(/AdaEDL ÷ static drafts of length L/);
    expect(stdout).toMatch(/1\.97/); // the paper's own: 43.9 ÷ 22.3, WMT, T 0.7, L 16
  });

  test("under the rejection rule too, without what is not exact there", async () => {
    const rule = [
      "--verification",
      "rejection",
      "--policies",
      "none,confidence,stream,static:3,adaedl",
    ];
    const { exitCode, stdout } = await adaedl([...small, ...given, ...rule, "--json"]);
    expect(exitCode).toBe(0);
    expect(cellsOf(stdout).map(({ policy }) => policy)).toEqual(["none", "static:3", "adaedl"]);
  });
});

test("--prompts takes a file, a prompt a line", async () => {
  const missing = await adaedl([...small, "--prompts", join(folder, "nowhere")]);
  expect(missing).toMatchObject({ exitCode: 2, stdout: "" });
  expect(missing.stderr).toMatch(/^adaedl: --prompts cannot be read: .*nowhere.*\n$/);
});

test.each([
  [["--policies", "none,best"], /policy must be one of none, stream\[/],
  [["--preset", "laptop,desk"], /Allowed names are paper, edge-board, laptop, rack/],
  [["--rtt-ms", "0,-1"], /must be numbers from 0 to 10000/],
  [["--draft-ms", "6"], /--draft-ms and --verify-ms go together/],
  [["--draft-ms", "6", "--verify-ms", "30", "--preset", "rack"], /take the place of --preset/],
  [["--verify-ms", "30+1+1"], /must be FORWARD or FORWARD\+ROW/],
  [["--clock", "wall", "--policies", "oracle"], /oracle: known to the virtual clock only/],
  [["--emulate-draft-ms", "6"], /--emulate-draft-ms are for --clock wall only/],
  [["--clock", "sand"], /Allowed choices are virtual, wall/],
])("%s is refused in one line", async (args, complaint) => {
  const { exitCode, stdout, stderr } = await adaedl(["bench", ...args]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(complaint);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
