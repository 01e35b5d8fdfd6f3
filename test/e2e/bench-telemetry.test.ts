import { expect, test } from "vitest";
import { createCli } from "./run-cli.ts";

const { adaedl } = createCli();

interface Printed {
  readonly results: readonly { name: string; cpuMsPerToken: number; ratio: { median: number } }[];
  readonly numScrapes: number;
  readonly traces: { readonly numRequests: number; readonly numSpans: number };
}

test("bench telemetry has stacks that are watched and stacks that are not, and all serve", async () => {
  const requests = ["--requests", "1", "--warm-up", "1", "--streams", "2", "--tokens", "12"];
  const args = ["--launches", "1", ...requests, "--json"];
  const { exitCode, stdout, stderr } = await adaedl(["bench", "telemetry", ...args]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  const { results, numScrapes, traces } = JSON.parse(stdout) as Printed;
  expect(results.map(({ name }) => name)).toEqual([
    ...["off", "off, again"],
    ...["metrics", "metrics, traces"],
  ]);
  for (const { cpuMsPerToken } of results) expect(cpuMsPerToken).toBeGreaterThan(0);
  expect(results[0]?.ratio.median).toBe(1);
  expect(numScrapes).toBeGreaterThanOrEqual(6); // three services of two stacks, at least once
  // Each of the four requests: HTTP, both ends of two calls, its prefill and the wait for that, and
  // three parts of each of the first four rounds.
  expect(traces.numSpans).toBeGreaterThanOrEqual(4 * (5 + 2 + 3 * 4));
}, 120_000);
