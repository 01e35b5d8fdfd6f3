import { expect, test } from "vitest";
import type { StreamOutcome } from "./stream-client.ts";
import { summarizeOutcomes } from "./summaries.ts";

const outcome = (status: number, firstMs: number, isComplete = true): StreamOutcome => ({
  status,
  firstMs,
  totalMs: firstMs + 5,
  numTokens: status === 200 ? 40 : 0,
  isComplete,
});

test("every request is counted once; times are of those that went as they should", () => {
  const outcomes = [
    ...[10, 30, 20].map((ms) => outcome(200, ms)),
    ...[outcome(429, 1), outcome(503, 3)],
    ...[
      outcome(200, 900, false),
      outcome(503, 900, false),
      outcome(500, 900),
      outcome(0, 0, false),
    ],
  ];
  expect(summarizeOutcomes(outcomes)).toEqual({
    numServed: 3,
    numOverQuota: 1,
    numNoRoom: 1,
    numFailed: 4,
    firstToken: { medianMs: 20, p95Ms: 29 },
    refusal: { medianMs: 7, p95Ms: 7.9 },
  });
});

test("of nothing there are no times", () => {
  const { numServed, firstToken } = summarizeOutcomes([]);
  expect([numServed, firstToken.medianMs]).toEqual([0, Number.NaN]);
});
