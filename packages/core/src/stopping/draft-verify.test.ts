import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";

testPolicy(["draft-verify", "draft-verify:th=0.8,eps=1,beta1=0,beta2=0,max=16"]);

test("stops after the guess that the draft gave less than the threshold", () => {
  const policy = parseStoppingPolicy("draft-verify:th=0.4,max=3");
  expect(policy.looksAtGuess).toBe(true);
  expect(policy.withholds).toBeUndefined(); // it is sent
  expect(policy.stopsAfter(guessWith({ topProb: 0.9, guessProb: 0.4 }))).toBe(false);
  expect(policy.stopsAfter(guessWith({ topProb: 0.9, guessProb: 0.399 }))).toBe(true);
  expect(policy.stopsAfter(guessWith({ index: 2, guessProb: 1 }))).toBe(true);
});

test("the threshold follows a sequence worked out by hand", () => {
  const policy = parseStoppingPolicy(
    "draft-verify:th=0.5,alpha=0.6,beta1=0.5,beta2=0.75,eps=0.2,max=4",
  );
  const goesOn = (guessProb: number) => !policy.stopsAfter(guessWith({ guessProb }));
  const rounds: readonly (readonly [number, number, number])[] = [
    [4, 4, 0.55], // rate 0.5: up by (1 - 0.75) * 0.2
    [4, 3, 0.55], // 0.625 reached, all 4 drafted: stays, where AdaEDL's would fall
    [2, 2, 0.5], //  0.8125, only 2 drafted: down
    [4, 0, 0.55], // 0.40625: up
  ];
  for (const [numDrafted, numAccepted, threshold] of rounds) {
    policy.observe(outcomeWith({ numDrafted, numAccepted, maxDraftLength: 4 }));
    expect([threshold - 1e-9, threshold + 1e-9].map(goesOn)).toEqual([false, true]);
  }
});

test("its defaults are those of the released sampling function", () => {
  expect(parseStoppingPolicy("draft-verify").spec).toBe(
    "draft-verify:th=0.5,alpha=0.9,beta1=0.5,beta2=0.9,eps=0.01,max=8",
  );
});
