import { createTestRandom } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { guessWith } from "../evidence.cases.ts";
import { parsePolicy } from "../parse-policy.ts";
import { testPolicy } from "../policy.cases.ts";
import type { GuessEvidence, StoppingPolicy } from "../policy.ts";
import { createPolicyMemory } from "../policy-context.ts";

testPolicy(["adaedl-rate", "adaedl-rate:forward-price-ms=20,max=5"], { hasEmptyRounds: true });

/** A pair and a network: what a round costs, and how often guesses hold. */
interface World {
  readonly draftMs: number;
  readonly forwardMs: number;
  readonly rttMs: number;
  readonly acceptance: number;
  /** What the first round waits for the prompt. */
  readonly openingMs?: number;
  /** Whether the evidence says nothing. */
  readonly isMute?: boolean;
}

const certain: GuessEvidence = { entropy: 0.05, topProb: 0.95, guessProb: 0.95, margin: 3 };
const doubtful: GuessEvidence = { entropy: 4, topProb: 0.1, guessProb: 0.05, margin: 0.1 };

/** Decodes in the world for a while; what the policy made of it. */
function live(policy: StoppingPolicy, world: World, numTokens: number, seed = 1) {
  const random = createTestRandom(seed);
  const { draftMs, forwardMs, rttMs, acceptance, openingMs = 0, isMute = false } = world;
  let waitMs = openingMs;
  const totals = { numTokens: 0, ms: 0, numPlain: 0, numRounds: 0, numDrafted: 0 };
  while (totals.numTokens < numTokens) {
    const numPlain = Math.min(policy.numPlainTokens?.() ?? 0, numTokens - totals.numTokens);
    for (let token = 0; token < numPlain; token++) {
      const roundMs = forwardMs + (token === 0 ? rttMs + waitMs : 0);
      waitMs = 0;
      policy.observePlain?.({ isAsked: token === 0, isWithheld: false, roundMs });
      totals.ms += roundMs;
      totals.numPlain++;
      totals.numTokens++;
    }
    if (numPlain > 0) continue;
    let numDrafted = 0;
    let numAccepted = 0;
    for (;;) {
      const isRight = random.next() < acceptance;
      if (isRight && numAccepted === numDrafted) numAccepted++;
      const guess = { index: numDrafted++, ...(isRight || isMute ? certain : doubtful) };
      if (policy.stopsAfter(guess)) break;
    }
    const roundMs = numDrafted * draftMs + rttMs + forwardMs + waitMs;
    waitMs = 0;
    const maxDraftLength = policy.maxDraftLength;
    policy.observe({
      numDrafted,
      numAccepted,
      maxDraftLength,
      draftMs: numDrafted * draftMs,
      roundMs,
    });
    totals.ms += roundMs;
    totals.numRounds++;
    totals.numDrafted += numDrafted;
    totals.numTokens += numAccepted + 1;
  }
  return totals;
}

describe("adaedl-rate", () => {
  const nearby: World = { draftMs: 3, forwardMs: 30, rttMs: 0, acceptance: 0.7 };
  const faraway: World = { ...nearby, rttMs: 250 };

  test("drafts where drafts pay, but for a few plain tokens to compare with", () => {
    const { numPlain, numTokens, numRounds } = live(parsePolicy("adaedl-rate"), nearby, 3_000);
    expect(numPlain / numTokens).toBeLessThan(0.03);
    expect(numTokens / numRounds).toBeGreaterThan(2);
  });

  test("streams plainly where they do not, and loses next to nothing by looking", () => {
    const { ms, numRounds } = live(parsePolicy("adaedl-rate"), faraway, 6_000);
    expect(numRounds).toBeGreaterThan(0);
    expect(ms / (250 + 6_000 * 30)).toBeLessThan(1.012);
  });

  test("drafts there too when a target forward has its price", () => {
    const { numPlain, numTokens } = live(
      parsePolicy("adaedl-rate:forward-price-ms=500"),
      faraway,
      3_000,
    );
    expect(numPlain / numTokens).toBeLessThan(0.05);
  });

  test("finds out when the network has become better, and when worse", () => {
    const policy = parsePolicy("adaedl-rate");
    live(policy, faraway, 3_000);
    live(policy, nearby, 12_000, 2); // it has to hear of it first
    expect(live(policy, nearby, 1_000, 3).numPlain).toBeLessThan(100);
    live(policy, faraway, 6_000, 4);
    expect(live(policy, faraway, 1_000, 5).numRounds).toBeLessThan(50);
  });

  test("stops after a doubtful guess and goes on after a certain one, once it has learnt which is which", () => {
    const policy = parsePolicy("adaedl-rate");
    live(policy, nearby, 1_000);
    expect(policy.stopsAfter(guessWith({ ...certain, index: 0 }))).toBe(false);
    expect(policy.stopsAfter(guessWith({ ...doubtful, index: 0 }))).toBe(true);
  });

  test("drafts the longer, the more a round costs and the less a guess", () => {
    const lengthIn = (world: World) => {
      const policy = parsePolicy("adaedl-rate:forward-price-ms=2000"); // never plainly
      live(policy, world, 2_000);
      const { numDrafted, numRounds } = live(policy, world, 2_000, 2);
      return numDrafted / numRounds;
    };
    const sure = { ...nearby, acceptance: 0.9, isMute: true };
    expect(lengthIn({ ...sure, draftMs: 300 })).toBeLessThan(lengthIn(sure));
  });

  test("a session begins with what others have learnt; other temperatures and rules do not mix", () => {
    const memory = createPolicyMemory();
    const context = { memory, temperature: 0.7 };
    live(parsePolicy("adaedl-rate", context), nearby, 1_000);
    expect(parsePolicy("adaedl-rate", context).numPlainTokens?.()).toBe(0);
    for (const other of [{ memory }, { ...context, verification: "rejection" as const }])
      expect(parsePolicy("adaedl-rate", other).numPlainTokens?.()).toBeGreaterThan(0);
  });

  test("what a session waits for its prompt says nothing about its rounds", () => {
    const memory = createPolicyMemory();
    let numPlain = 0;
    for (let session = 0; session < 40; session++) {
      const policy = parsePolicy("adaedl-rate", { memory });
      numPlain += live(policy, { ...nearby, openingMs: 20_000 }, 50, session).numPlain;
    }
    expect(numPlain / (40 * 50)).toBeLessThan(0.05);
  });

  test("without a time for a guess it drafts a few, also after a draft that taught no time", () => {
    const context = { memory: createPolicyMemory() };
    const first = parsePolicy("adaedl-rate", context);
    for (const isAsked of [true, false, false])
      first.observePlain?.({ isAsked, isWithheld: false, roundMs: 30 });
    const second = parsePolicy("adaedl-rate", context);
    expect(second.numPlainTokens?.()).toBe(0);
    for (let round = 0; round < 2; round++) {
      let numDrafted = 0;
      while (!second.stopsAfter({ ...certain, index: numDrafted++ }));
      expect(numDrafted).toBe(3); // the first round waits for its prompt: its time is not learnt
      const outcome = { numDrafted, numAccepted: 3, maxDraftLength: 16 };
      second.observe({ ...outcome, draftMs: 9, roundMs: 60 });
    }
  });

  test("under the rejection rule it does not look at the guess itself", () => {
    const policy = parsePolicy("adaedl-rate", { verification: "rejection" });
    expect(policy.looksAtGuess).toBe(false);
    expect(parsePolicy("adaedl-rate").looksAtGuess).toBe(true);
    live(policy, nearby, 500);
    const evidence = { entropy: 1, topProb: 0.5 };
    const answers = [0.5, 0.001].map((guessProb) =>
      [0, 1, 2].map((index) => policy.stopsAfter({ ...evidence, guessProb, index })),
    );
    expect(answers[0]).toEqual(answers[1]);
  });
});
