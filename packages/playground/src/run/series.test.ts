import { expect, test } from "vitest";
import { guessSeries, roundSeries } from "./series.ts";

const round = (number: number, entropies: readonly number[], num_accepted: number) => ({
  ...{ number, num_accepted, end_reason: null, entropy_threshold: number / 10 },
  ...{ draft_ms: 1, wait_ms: 1, queue_ms: 0, verify_ms: 1 },
  draft_tokens: entropies.map((entropy) => ({ id: 1, text: "x", entropy })),
});
const rounds = [round(0, [0.1, 0.2, 0.3], 1), round(1, [], 0), round(2, [0.4], 1)];

test("a guess is accepted or rejected, and has the threshold of its round", () => {
  expect(guessSeries(rounds, 10)).toEqual({
    x: [1, 2, 3, 4],
    accepted: [0.1, null, null, 0.4],
    rejected: [null, 0.2, 0.3, null],
    threshold: [0, 0, 0, 0.2],
  });
});

test("only the last draft tokens are shown, under their own numbers", () => {
  expect(guessSeries(rounds, 2)).toMatchObject({ x: [3, 4], rejected: [0.3, null] });
});

test("rounds without a draft have length 0", () => {
  expect(roundSeries(rounds, 2)).toEqual({ x: [2, 3], drafted: [0, 1], accepted: [0, 1] });
});
