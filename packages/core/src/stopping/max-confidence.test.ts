import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";

testPolicy(["max-confidence", "max-confidence:lambda=0.4,eps=1,beta1=0,beta2=0,max=16"]);

test("goes on while the most probable token has lambda, whichever was drawn", () => {
  const policy = parseStoppingPolicy("max-confidence:lambda=0.6,max=3");
  expect(policy.looksAtGuess).toBe(false);
  for (const guessProb of [0.01, 0.4]) {
    expect(policy.stopsAfter(guessWith({ topProb: 0.6, guessProb }))).toBe(false);
    expect(policy.stopsAfter(guessWith({ topProb: 0.599, guessProb }))).toBe(true);
  }
  expect(policy.stopsAfter(guessWith({ index: 1, topProb: 1 }))).toBe(false);
  expect(policy.stopsAfter(guessWith({ index: 2, topProb: 1 }))).toBe(true);
});

test("lambda moves as AdaEDL's does", () => {
  const policy = parseStoppingPolicy(
    "max-confidence:lambda=0.5,alpha=0.6,beta1=0.5,beta2=0.75,eps=0.2,max=4",
  );
  const goesOn = (topProb: number) => !policy.stopsAfter(guessWith({ topProb }));
  const rounds: readonly (readonly [number, number, number])[] = [
    [4, 4, 0.55], // rate 0.5: up by (1 - 0.75) * 0.2
    [4, 3, 0.5], //  0.625, not all 4: down
    [4, 4, 0.5], //  0.8125, all 4: stays
    [2, 0, 0.55], // 0.40625: up
  ];
  for (const [numDrafted, numAccepted, lambda] of rounds) {
    policy.observe(outcomeWith({ numDrafted, numAccepted, maxDraftLength: 4 }));
    expect([lambda - 1e-9, lambda + 1e-9].map(goesOn)).toEqual([false, true]);
  }
});

test("its specification spells every parameter out", () => {
  expect(parseStoppingPolicy("max-confidence").spec).toBe(
    "max-confidence:lambda=0.7,alpha=0.9,beta1=0.5,beta2=0.9,eps=0.01,max=7",
  );
});
