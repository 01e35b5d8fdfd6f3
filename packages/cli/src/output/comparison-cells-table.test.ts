import type { Cell } from "@adaedl/bench";
import pc from "picocolors";
import { expect, it } from "vitest";
import { renderCells, renderGains } from "./comparison-cells-table.ts";

const cell: Cell = {
  pair: "storyteller",
  policy: "none",
  verification: "shared-noise",
  preset: "laptop",
  clock: "virtual",
  rttMs: 20,
  temperature: 0.7,
  tokensPerSecond: 20,
  roundTripsPer100Tokens: 1,
  targetForwardsPer100Tokens: 100,
  numDrafted: 0,
  numAccepted: 0,
  numTokens: 200,
};
const drafting = { numDrafted: 160, numAccepted: 120, targetForwardsPer100Tokens: 40 };
const cells: readonly Cell[] = [
  { ...cell, ...drafting, policy: "oracle", tokensPerSecond: 50 },
  { ...cell, ...drafting, policy: "adaedl", tokensPerSecond: 44 },
  { ...cell, ...drafting, policy: "best-static", tokensPerSecond: 40 },
  cell,
];
const plain = pc.createColors(false);

function wordsOf(table: string): string[][] {
  return table.split("\n").map((line) => line.trim().split(/\s{2,}/));
}

it("compares each policy with plain decoding and the best static one", () => {
  expect(wordsOf(renderCells(cells, plain)).slice(3)).toEqual([
    ["none", "20.00", "1.00", "0.500", "0", "–", "1.00", "100"],
    ["best-static", "40.00", "2.00", "1.000", "160", "75 %", "1.00", "40.00"],
    ["adaedl", "44.00", "2.20", "1.100", "160", "75 %", "1.00", "40.00"],
    ["oracle", "50.00", "2.50", "1.250", "160", "75 %", "1.00", "40.00"],
  ]);
});

it("has a table for each network, and columns only where they say something", () => {
  const slow = { ...cell, rttMs: 200, spread: [19, 21] as const };
  const text = renderCells([slow, ...cells.slice(1, 2)], plain);
  expect(text.indexOf("RTT 20 ms")).toBeLessThan(text.indexOf("RTT 200 ms"));
  const [fast = "", second = ""] = text.split("\n\n");
  expect(fast).not.toMatch(/highest|static|plain/);
  expect(second).toMatch(/19\.00–21\.00/);
});

it("shows the fastest in bold, but not the oracle", () => {
  const lines = renderCells(cells, pc.createColors(true)).split("\n");
  const isBold = (policy: string) =>
    lines.find((line) => line.includes(policy))?.includes("\u001b[1m");
  expect([isBold("adaedl"), isBold("oracle"), isBold("best-static")]).toEqual([true, false, false]);
});

it("has nothing to show of nothing", () => {
  expect(renderCells([], plain)).toBe("");
});

it("shows what streams gain over the best of all others, the oracle aside, over the round trips", () => {
  const streams = [
    { ...cell, ...drafting, policy: "stream", tokensPerSecond: 55 },
    { ...cell, ...drafting, policy: "stream", rttMs: 40, tokensPerSecond: 22 },
    { ...cell, rttMs: 40 },
  ];
  expect(wordsOf(renderGains([...cells, ...streams], plain))).toEqual([
    ["Stream ÷ the best of all others: 1.175 in the mean, 1.100 at least"],
    ["pair", "hardware", "policy", "20 ms", "40 ms"],
    ["storyteller", "laptop", "T 0.7", "stream", "1.25", "1.10"],
  ]);
  expect(renderGains(cells, plain)).toBe("");
});
