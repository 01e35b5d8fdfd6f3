import { createTestRandom } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { acceptanceBound } from "./adaedl.ts";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { createLearntBound } from "./learnt-bound.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";
import { createPolicyMemory } from "./policy-context.ts";

testPolicy(["adaedl:gamma=auto"], {});
testPolicy(["adaedl:gamma=auto,test=before"], { hasEmptyRounds: true });

describe("the learnt bound", () => {
  test.each([0.03, 0.2, 0.5])("finds the gamma %s that acceptance follows", (gamma) => {
    const random = createTestRandom(3);
    const bound = createLearntBound({});
    let numAccepted = 0;
    for (let guess = 0; guess < 20_000; guess++) {
      const entropy = random.next() * Math.min(1 / gamma, 12); // where the bound is above 0
      const isAccepted = random.next() < acceptanceBound(entropy, gamma);
      if (isAccepted) numAccepted++;
      const outcome = outcomeWith({ numDrafted: 1, numAccepted: isAccepted ? 1 : 0 });
      bound.observe(outcome, [entropy]);
    }
    expect(bound.gamma / gamma).toBeGreaterThan(0.9);
    expect(bound.gamma / gamma).toBeLessThan(1.1);
    expect(bound.acceptanceRate).toBeCloseTo(numAccepted / 20_000, 1);
  });

  test("learns nothing from guesses after the first refused one", () => {
    const [short, long] = [createLearntBound({}), createLearntBound({})];
    short.observe(outcomeWith({ numDrafted: 2, numAccepted: 1 }), [0.5, 2]);
    long.observe(outcomeWith({ numDrafted: 4, numAccepted: 1 }), [0.5, 2, 9, 9]);
    expect(long.gamma).toBe(short.gamma);
    expect(long.acceptanceRate).toBe(short.acceptanceRate);
  });

  test("sessions of one kind learn together", () => {
    const context = { memory: createPolicyMemory(), temperature: 1 };
    createLearntBound(context).observe(outcomeWith({ numDrafted: 1, numAccepted: 0 }), [4]);
    expect(createLearntBound(context).gamma).toBeGreaterThan(0.2);
    expect(createLearntBound({ ...context, temperature: 0 }).gamma).toBeCloseTo(0.2, 9);
  });
});

test("adaedl:gamma=auto comes to draft on where the paper's gamma stops after each guess", () => {
  const [learning, fixed] = ["adaedl:gamma=auto", "adaedl"].map((spec) =>
    parseStoppingPolicy(spec),
  );
  const guess = guessWith({ entropy: 4 });
  for (let round = 0; round < 500; round++)
    for (const policy of [learning, fixed]) {
      policy?.stopsAfter(guess);
      policy?.observe(outcomeWith({ numDrafted: 1, numAccepted: round % 5 === 0 ? 0 : 1 }));
    }
  expect(fixed?.stopsAfter(guess)).toBe(true);
  expect(learning?.stopsAfter(guess)).toBe(false);
});
