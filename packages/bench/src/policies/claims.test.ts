import { examplePair, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { describe, expect, test } from "vitest";
import type { Cell } from "./cell.ts";
import { comparePolicies } from "./compare.ts";
import { presets } from "./presets.ts";

/**
 * What docs/results.md claims, on half of its texts: the virtual clock makes these numbers the same on
 * every machine, so that a change of a policy shows here.
 */
const signal = new AbortController().signal;
const quiet = { onRepertoire() {}, onCell() {} };
const workloads = examplePairNames.map((pair) => ({
  ...{ pair, ...examplePair(pair), numTokens: 160 },
  prompts: examplePrompts(pair).slice(0, 8),
}));
const grid = {
  verifications: ["shared-noise" as const],
  maxDraftLengths: [undefined],
  temperatures: [0.7],
  forwardPricesMs: [0],
};

function speeds(cells: readonly Cell[]): Map<string, Record<string, number>> {
  const cellOf = ({ pair, preset, rttMs }: Cell) => `${pair} ${preset} ${rttMs} ms`;
  const byCell = new Map<string, Record<string, number>>();
  for (const cell of cells)
    byCell.set(cellOf(cell), { ...byCell.get(cellOf(cell)), [cell.policy]: cell.tokensPerSecond });
  return byCell;
}

test("adaedl-rate, untuned, keeps up with whatever is best in each cell", {
  timeout: 300_000,
}, async () => {
  const policies = ["none", "best-static", "adaedl-rate", "causal", "oracle"];
  const hardware = presets.filter(({ name }) => name !== "paper");
  const { cells } = await comparePolicies(
    workloads,
    { ...grid, policies, presets: hardware },
    quiet,
    signal,
  );
  const bySpeed = speeds(cells);
  expect(bySpeed.size).toBe(2 * 3 * 5);
  let gain = 0;
  for (const [cell, speed] of bySpeed) {
    const of = (policy: string) => (speed["adaedl-rate"] as number) / (speed[policy] as number);
    expect(of("best-static"), cell).toBeGreaterThan(0.99);
    expect(of("none"), cell).toBeGreaterThan(0.975);
    expect(of("causal"), cell).toBeGreaterThan(0.96);
    gain += of("best-static") / bySpeed.size;
  }
  expect(gain).toBeGreaterThan(1.04);
});

describe("on the paper's hardware", () => {
  test("AdaEDL is ahead of static 7 and 16 by a tenth on code, and learns to be on prose", {
    timeout: 300_000,
  }, async () => {
    const policies = ["static:7", "static:16", "adaedl", "adaedl:max=16", "adaedl:gamma=auto"];
    const { cells } = await comparePolicies(
      workloads,
      { ...grid, policies, presets: presets.filter(({ name }) => name === "paper") },
      quiet,
      signal,
    );
    const [prose, code] = ["storyteller paper 0 ms", "coder paper 0 ms"].map(
      (cell) => speeds(cells).get(cell) as Record<string, number>,
    ) as [Record<string, number>, Record<string, number>];
    const of = (speed: Record<string, number>, above: string, below: string) =>
      (speed[above] as number) / (speed[below] as number);
    expect(of(code, "adaedl", "static:7")).toBeGreaterThan(1.1);
    expect(of(code, "adaedl:max=16", "static:16")).toBeGreaterThan(1.1);
    expect(of(prose, "adaedl", "static:7")).toBeLessThan(1); // the paper's constants stop too early
    expect(of(prose, "adaedl:gamma=auto", "static:7")).toBeGreaterThan(0.99);
  });
});
