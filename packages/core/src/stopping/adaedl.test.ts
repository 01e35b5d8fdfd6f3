import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AdaedlParams, acceptanceBound } from "./adaedl.ts";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";
import type { StoppingPolicy } from "./policy.ts";

testPolicy(
  [
    "adaedl",
    "adaedl:lambda=0.3,gamma=0.15,max=16",
    "adaedl:lambda=0,max=64",
    "adaedl:lambda=1,eps=1,beta1=0,beta2=0",
    "adaedl:alpha=0.5,beta1=1,beta2=1,eps=0",
    "adaedl:gamma=100,alpha=0,eps=1e-7",
  ],
  { goesByEntropy: true },
);
testPolicy(["adaedl:gamma=auto", "adaedl:gamma=auto,max=16"], { goesByEntropy: true });
testPolicy(["adaedl:test=before", "adaedl:test=before,lambda=0.9,eps=0.5,beta1=0,beta2=0,max=20"], {
  goesByEntropy: true,
  hasEmptyRounds: true,
});

function policyWith(params: Partial<AdaedlParams>): StoppingPolicy {
  const written = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return parseStoppingPolicy(written.length === 0 ? "adaedl" : `adaedl:${written.join(",")}`);
}

/** The threshold, read off by bisection: the least bound 1 - sqrt(gamma * H) that goes on. */
function lambdaOf(policy: StoppingPolicy, gamma: number): number {
  let low = 0; // goes on, or would for lambda 0 to 1
  let high = 2 / gamma; // bound below 0: stops
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (policy.stopsAfter(guessWith({ entropy: middle }))) high = middle;
    else low = middle;
  }
  return 1 - Math.sqrt(gamma * low);
}

describe("the bound", () => {
  test("is 1 without entropy and falls with its root, below 0 too", () => {
    expect(acceptanceBound(0, 0.2)).toBe(1);
    expect(acceptanceBound(1.25, 0.2)).toBe(0.5);
    expect(acceptanceBound(5, 0.2)).toBe(0);
    expect(acceptanceBound(20, 0.2)).toBe(-1);
  });

  // algorithms.md 1.1: stop <=> H > (1 - lambda)^2 / gamma.
  test.each([
    [0.9, 0.05],
    [0.7, 0.45],
    [0.6, 0.8],
    [0.5, 1.25],
    [0.3, 2.45],
  ])("with gamma 0.2 and lambda %d drafting stops above %d nats", (lambda, cutoff) => {
    const policy = policyWith({ lambda, gamma: 0.2 });
    expect(policy.stopsAfter(guessWith({ entropy: cutoff - 1e-9 }))).toBe(false);
    expect(policy.stopsAfter(guessWith({ entropy: cutoff + 1e-9 }))).toBe(true);
  });

  test("goes on at any entropy where gamma is next to 0", () => {
    expect(policyWith({ gamma: 1e-320 }).stopsAfter(guessWith({ entropy: 1e9 }))).toBe(false);
  });

  test("with gamma 0.15 and lambda 0.7 it is SVIP's rule", () => {
    const policy = policyWith({ lambda: 0.7, gamma: 0.15 });
    for (const entropy of [0.1, 0.59, 0.61, 3])
      expect(policy.stopsAfter(guessWith({ entropy }))).toBe(Math.sqrt(0.15 * entropy) > 0.3);
  });

  test("a bound equal to the threshold goes on", () => {
    const policy = policyWith({ lambda: 0.5, gamma: 0.25 });
    expect(policy.stopsAfter(guessWith({ entropy: 1 }))).toBe(false);
    expect(policyWith({ lambda: 1 }).stopsAfter(guessWith({ entropy: 0 }))).toBe(false);
    expect(policyWith({ lambda: 0 }).stopsAfter(guessWith({ entropy: 5 }))).toBe(false);
  });

  test("the test is the same at every index before the last", () => {
    const policy = policyWith({ max: 4 });
    const stops = (entropy: number) =>
      [0, 1, 2, 3].map((index) => policy.stopsAfter(guessWith({ index, entropy })));
    expect(stops(0.4)).toEqual([false, false, false, true]);
    expect(stops(0.5)).toEqual([true, true, true, true]);
  });
});

describe("Algorithm 1", () => {
  test("follows a sequence worked out by hand", () => {
    // beta1 = 0.5, alpha = 0.6, beta2 = 0.75, eps = 0.2: a step moves lambda by 0.25 * 0.2 = 0.05.
    const policy = policyWith({
      lambda: 0.5,
      alpha: 0.6,
      beta1: 0.5,
      beta2: 0.75,
      eps: 0.2,
      max: 4,
    });
    const rounds: readonly (readonly [number, number, number])[] = [
      // drafted, accepted, lambda after   AR = (AR + accepted / drafted) / 2
      [4, 4, 0.55], //                     0.5      below 0.6: up
      [4, 3, 0.5], //                      0.625    reached, not all 4: down
      [2, 2, 0.45], //                     0.8125   all drafted, but not 4: down
      [4, 4, 0.45], //                     0.90625  all 4: stays
      [4, 0, 0.5], //                      0.453125 up
      [1, 1, 0.45], //                     0.7265625 down
      [3, 1, 0.5], //                      0.5299…  up
      [4, 4, 0.5], //                      0.7649…  all 4: stays
    ];
    for (const [numDrafted, numAccepted, lambda] of rounds) {
      policy.observe(outcomeWith({ numDrafted, numAccepted, maxDraftLength: 4 }));
      expect(lambdaOf(policy, 0.2)).toBeCloseTo(lambda, 12);
    }
  });

  test("with the paper's constants lambda moves by 0.001 a round", () => {
    const policy = policyWith({});
    policy.observe(outcomeWith({ numDrafted: 7, numAccepted: 0, maxDraftLength: 7 }));
    expect(lambdaOf(policy, 0.2)).toBeCloseTo(0.701, 12);
    // AR: 0.5, 0.75, 0.875, then 0.9375 passes alpha = 0.9.
    for (const expected of [0.702, 0.703, 0.704, 0.703]) {
      policy.observe(outcomeWith({ numDrafted: 5, numAccepted: 5, maxDraftLength: 7 }));
      expect(lambdaOf(policy, 0.2)).toBeCloseTo(expected, 12);
    }
  });

  test("a rate of exactly alpha is enough", () => {
    const policy = policyWith({ lambda: 0.5, alpha: 0.5, beta1: 0.5, beta2: 0, eps: 0.125 });
    policy.observe(outcomeWith({ numDrafted: 3, numAccepted: 3, maxDraftLength: 7 }));
    expect(lambdaOf(policy, 0.2)).toBeCloseTo(0.375, 12);
  });

  test("a draft cut short by the round's own limit saturates at that limit", () => {
    const params = { lambda: 0.5, alpha: 0.5, beta1: 0, beta2: 0, eps: 0.125, max: 7 };
    const policy = policyWith(params);
    policy.observe(outcomeWith({ numDrafted: 2, numAccepted: 2, maxDraftLength: 2 }));
    expect(lambdaOf(policy, 0.2)).toBeCloseTo(0.5, 12);
  });

  test("lambda stays within 0 and 1", () => {
    const params = { lambda: 0.5, beta2: 0, eps: 0.4, beta1: 0, max: 4 };
    const rejected = policyWith(params);
    for (let round = 0; round < 5; round++)
      rejected.observe(outcomeWith({ numDrafted: 4, numAccepted: 0, maxDraftLength: 4 }));
    expect(lambdaOf(rejected, 0.2)).toBe(1);
    rejected.observe(outcomeWith({ numDrafted: 2, numAccepted: 2, maxDraftLength: 4 }));
    expect(lambdaOf(rejected, 0.2)).toBeCloseTo(0.6, 12); // not behind an overshoot

    const accepted = policyWith(params);
    for (let round = 0; round < 5; round++)
      accepted.observe(outcomeWith({ numDrafted: 2, numAccepted: 2, maxDraftLength: 4 }));
    expect(lambdaOf(accepted, 0.2)).toBeCloseTo(0, 12);
    accepted.observe(outcomeWith({ numDrafted: 4, numAccepted: 0, maxDraftLength: 4 }));
    expect(lambdaOf(accepted, 0.2)).toBeCloseTo(0.4, 12);
  });
});

test("the threshold is still one after any outcomes: certainty goes on, confusion stops", () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  const outcome = fc.record({
    numDrafted: fc.integer({ min: 1, max: 7 }),
    share: fraction,
    maxDraftLength: fc.integer({ min: 1, max: 7 }),
  });
  const params = fc.record({
    lambda: fraction,
    alpha: fraction,
    beta1: fraction,
    beta2: fraction,
    eps: fraction,
  });
  fc.assert(
    fc.property(params, fc.array(outcome, { maxLength: 50 }), (changes, outcomes) => {
      const policy = policyWith(changes);
      for (const { numDrafted, share, maxDraftLength } of outcomes)
        policy.observe(
          outcomeWith({ numDrafted, numAccepted: Math.round(share * numDrafted), maxDraftLength }),
        );
      expect(policy.stopsAfter(guessWith({ entropy: 0 }))).toBe(false);
      expect(policy.stopsAfter(guessWith({ entropy: 1e9 }))).toBe(true);
    }),
  );
});

describe("with the test before the guess", () => {
  const before = { test: "before", lambda: 0.5, gamma: 0.25, max: 3 } as const; // doubtful above 1 nat

  test("a doubtful guess is withheld, the first of a round too, and no other ends the draft", () => {
    const policy = policyWith(before);
    for (const index of [0, 1, 2]) {
      expect(policy.withholds?.(guessWith({ index, entropy: 1 }))).toBe(false);
      expect(policy.withholds?.(guessWith({ index, entropy: 1.001 }))).toBe(true);
      expect(policy.stopsAfter(guessWith({ index, entropy: 1 }))).toBe(index === 2);
    }
  });

  test("the token drawn does not matter, only the entropy", () => {
    const policy = policyWith(before);
    expect(policy.looksAtGuess).toBe(false);
    for (const guessProb of [0, 0.2, 1])
      for (const entropy of [0.9, 1.1])
        expect(policy.withholds?.(guessWith({ entropy, guessProb }))).toBe(entropy > 1);
  });

  test("lambda moves as with the test after it", () => {
    const policy = policyWith({ ...before, alpha: 0.5, beta1: 0, beta2: 0, eps: 0.25 });
    const isDoubtful = (entropy: number) => policy.withholds?.(guessWith({ entropy }));
    policy.observe(outcomeWith({ numDrafted: 2, numAccepted: 0, maxDraftLength: 3 }));
    expect([0.24, 0.26].map(isDoubtful)).toEqual([false, true]); // lambda 0.75: (1 - 0.75)^2 / 0.25
  });

  test("gamma=auto does not take a withheld guess, which nobody judged, for a refused one", () => {
    const [before, after] = [
      parseStoppingPolicy("adaedl:gamma=auto,test=before"),
      parseStoppingPolicy("adaedl:gamma=auto"),
    ];
    for (let round = 0; round < 30; round++) {
      expect(before.withholds?.(guessWith({ entropy: 0.1 }))).toBe(false);
      expect(before.withholds?.(guessWith({ index: 1, entropy: 5 }))).toBe(true);
      expect(after.stopsAfter(guessWith({ entropy: 0.1 }))).toBe(false);
      const outcome = outcomeWith({ numDrafted: 1, numAccepted: 1, maxDraftLength: 7 });
      for (const policy of [before, after]) policy.observe(outcome);
    }
    for (let entropy = 0.05; entropy < 5; entropy += 0.05) {
      const guess = guessWith({ entropy });
      expect(before.withholds?.(guess)).toBe(after.stopsAfter(guess));
    }
  });

  test("withholding is left to it: with the test after nothing is withheld", () => {
    expect(policyWith({}).withholds).toBeUndefined();
  });
});

test("its specification spells every parameter out", () => {
  expect(policyWith({}).spec).toBe(
    "adaedl:lambda=0.7,gamma=0.2,alpha=0.9,beta1=0.5,beta2=0.9,eps=0.01,max=7,test=after",
  );
});
