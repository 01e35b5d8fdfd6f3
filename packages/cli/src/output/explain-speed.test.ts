import { expect, test } from "vitest";
import { explainSpeed } from "./explain-speed.ts";

const plain = { numTargetForwards: 161, tokensPerSecond: 30, forwardMs: 30 };

test("a stream that was ahead: says by how much, and in how many passes", () => {
  const lines = explainSpeed({ numTargetForwards: 90, tokensPerSecond: 45, forwardMs: 33 }, plain);
  expect(lines.join("\n")).toMatch(
    /^The stream took 90 passes of the target instead of 161, and wrote 1\.50 times as many tokens a second/,
  );
});

test("a stream that was not: says why", () => {
  const small = { ...plain, tokensPerSecond: 400, forwardMs: 2 };
  const lines = explainSpeed({ numTargetForwards: 150, tokensPerSecond: 300, forwardMs: 2 }, small);
  expect(lines.join("\n")).toContain("but wrote only 0.75 times as many tokens a second");
  expect(lines.join("\n")).toContain("takes 2.0 ms");
});
