import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";
import type { StoppingPolicy } from "./policy.ts";

testPolicy(["ucb", "ucb:max=3,beta=50", "ucb:max=1", "ucb:max=64,beta=0"], {
  goesByEntropy: true,
});

function lengthOf(policy: StoppingPolicy): number {
  let index = 0;
  while (!policy.stopsAfter(guessWith({ index }))) index++;
  return index + 1;
}

/** Plays a round of the length wanted. */
function play(policy: StoppingPolicy, numAccepted: number, roundMs: number): void {
  const numDrafted = lengthOf(policy);
  const { maxDraftLength } = policy;
  policy.observe(outcomeWith({ numDrafted, numAccepted, maxDraftLength, roundMs }));
}

test("tries each length once, from the shortest, then follows the index worked out by hand", () => {
  const policy = parseStoppingPolicy("ucb:max=3,beta=10");
  const lengths: number[] = [];
  const rounds: readonly (readonly [number, number])[] = [
    [1, 60], // 1: 60 ms for 2 tokens
    [2, 75], // 2: 75 for 3
    [0, 90], // 3: 90 for 1
    // t = 3, sqrt(ln 3) = 1.048: (60 - 10.48) / 2 = 24.8, (75 - 10.48) / 3 = 21.5, 79.5
    [0, 75], // 2: now 150 for 4
    // t = 4, sqrt(ln 4) = 1.177: (60 - 11.77) / 2 = 24.1, (150 - 10 * sqrt(2 ln 4)) / 4 = 33.3, 78.2
    [1, 60], // 1: now 120 for 4
    // t = 5: (120 - 10 * sqrt(2 ln 5)) / 4 = 25.5, (150 - 17.9) / 4 = 33.0, (90 - 12.7) / 1 = 77.3
    [0, 200], // 1: now 320 for 5
    // t = 6: (320 - 10 * sqrt(3 ln 6)) / 5 = 59.4, (150 - 18.9) / 4 = 32.8, 76.6
    [2, 75], // 2
  ];
  for (const [numAccepted, roundMs] of rounds) {
    lengths.push(lengthOf(policy));
    play(policy, numAccepted, roundMs);
  }
  expect(lengths).toEqual([1, 2, 3, 2, 1, 1, 2]);
});

test("the ratio is of sums, not the mean of ratios", () => {
  const policy = parseStoppingPolicy("ucb:max=2,beta=0");
  play(policy, 1, 200); // 1: 100 a token
  play(policy, 0, 160); // 2: 160 a token
  play(policy, 0, 150); // 1: 350 for 3 tokens, 117; the mean of the ratios would be 125
  play(policy, 0, 50); //  1: 400 for 4, 100
  expect(lengthOf(policy)).toBe(1);
  play(policy, 0, 300); // 1: 700 for 5, 140
  play(policy, 0, 300); // 1: 1000 for 6, 167
  expect(lengthOf(policy)).toBe(2);
});

test("a round that was cut short is not counted for the length wanted, nor for the one it had", () => {
  const cutShort = outcomeWith({ numDrafted: 1, numAccepted: 0, maxDraftLength: 1, roundMs: 1e6 });
  const tried = parseStoppingPolicy("ucb:max=2,beta=0");
  play(tried, 1, 100); // 1: 50 a token
  play(tried, 2, 100); // 2: 33
  tried.observe(cutShort);
  expect(lengthOf(tried)).toBe(1); // no more than that round could hold
  play(tried, 1, 100);
  expect(lengthOf(tried)).toBe(2);

  const untried = parseStoppingPolicy("ucb:max=2,beta=0");
  play(untried, 1, 100); // 1: 50 a token
  untried.observe(cutShort);
  play(untried, 1, 100);
  expect(lengthOf(untried)).toBe(2); // still to be tried
  play(untried, 0, 100); // 100 a token
  expect(lengthOf(untried)).toBe(1);
});

test("lengths that the caller never allows are not waited for", () => {
  const policy = parseStoppingPolicy("ucb:max=8");
  const lengths: number[] = [];
  for (let round = 0; round < 30; round++) {
    const numDrafted = Math.min(3, lengthOf(policy));
    lengths.push(numDrafted);
    const roundMs = numDrafted === 2 ? 50 : 100;
    policy.observe(outcomeWith({ numDrafted, numAccepted: 0, maxDraftLength: 3, roundMs }));
  }
  expect(lengths.slice(0, 4)).toEqual([1, 2, 3, 2]);
  expect(lengths.slice(4).every((length) => length === 2)).toBe(true);
});

test("finds the length that a simulated link makes the best", () => {
  const random = createTestRandom(4);
  const numAcceptedOf = (numDrafted: number) => {
    let numAccepted = 0;
    while (numAccepted < numDrafted && random.next() < 0.8) numAccepted++;
    return numAccepted;
  };
  // (100 + 10 k) / (1 - 0.8^(k + 1)) * (1 - 0.8) is least at k = 6.
  const policy = parseStoppingPolicy("ucb:max=20,beta=100");
  const counts = new Array<number>(21).fill(0);
  for (let round = 0; round < 6000; round++) {
    const length = lengthOf(policy);
    counts[length] = (counts[length] as number) + 1;
    play(policy, numAcceptedOf(length), 100 + 10 * length);
  }
  const favourite = counts.indexOf(Math.max(...counts));
  expect(favourite).toBeGreaterThanOrEqual(5);
  expect(favourite).toBeLessThanOrEqual(7);
  expect(counts[1]).toBeLessThan(counts[favourite] as number);
});
