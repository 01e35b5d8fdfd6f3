import { examplePair, examplePrompts } from "@adaedl/example-models";
import { expect, test } from "vitest";
import { measureQuality } from "./measure-quality.ts";

test("short weights stay near f32: the words of int8 more than those of int4", async () => {
  const prompts = examplePrompts("coder").slice(0, 1);
  const workload = { pair: "coder", ...examplePair("coder"), prompts, numTokens: 16 };
  const rows = await measureQuality([workload], new AbortController().signal);
  expect(rows.map(({ target, numPlaces }) => [target, numPlaces])).toEqual([
    ["f32", 16],
    ["int8", 16],
    ["int4", 16],
  ]);
  const [f32, int8, int4] = rows.map(({ agreement }) => agreement) as [number, number, number];
  expect(f32).toBe(1);
  expect(int8).toBeGreaterThan(0.9);
  expect(int4).toBeGreaterThan(0.75);
  expect(int8).toBeGreaterThan(int4);
  for (const { perplexity, acceptance } of rows) {
    expect(Math.abs(perplexity / (rows[0]?.perplexity ?? 0) - 1)).toBeLessThan(0.15);
    for (const rate of Object.values(acceptance)) expect(rate).toBeGreaterThan(0.2);
  }
}, 120_000);
