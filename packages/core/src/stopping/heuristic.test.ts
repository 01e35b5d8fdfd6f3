import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";
import type { StoppingPolicy } from "./policy.ts";

testPolicy(["heuristic", "heuristic:start=1,max=3", "heuristic:start=64,max=64"], {
  goesByEntropy: true,
});

function lengthOf(policy: StoppingPolicy): number {
  let index = 0;
  while (!policy.stopsAfter(guessWith({ index }))) index++;
  return index + 1;
}

test("two more after a draft accepted whole, one less after any other, 1 to max", () => {
  const policy = parseStoppingPolicy("heuristic:start=3,max=6");
  expect(lengthOf(policy)).toBe(3);
  const rounds: readonly (readonly [number, number, number])[] = [
    [3, 3, 5],
    [5, 5, 6], // not 7
    [6, 5, 5],
    [5, 0, 4],
    [4, 2, 3],
    [3, 0, 2],
    [2, 1, 1],
    [1, 0, 1], // not 0
    [1, 1, 3],
  ];
  for (const [numDrafted, numAccepted, length] of rounds) {
    policy.observe(outcomeWith({ numDrafted, numAccepted, maxDraftLength: 6 }));
    expect(lengthOf(policy)).toBe(length);
  }
});

test("a draft that the caller cut short is no failure of the length that was wanted", () => {
  const policy = parseStoppingPolicy("heuristic:start=5,max=20");
  policy.observe(outcomeWith({ numDrafted: 2, numAccepted: 2, maxDraftLength: 2 }));
  expect(lengthOf(policy)).toBe(7);
  policy.observe(outcomeWith({ numDrafted: 2, numAccepted: 1, maxDraftLength: 2 }));
  expect(lengthOf(policy)).toBe(6);
});

test("starts at 5, or at its longest draft where that is shorter", () => {
  expect(lengthOf(parseStoppingPolicy("heuristic"))).toBe(5);
  expect(lengthOf(parseStoppingPolicy("heuristic:max=3"))).toBe(3);
});
