import { expect, test } from "vitest";
import { guessWith, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import { testPolicy } from "./policy.cases.ts";

testPolicy(["confidence", "confidence:p-min=0.2,max=3", "confidence:p-min=1"], {
  hasEmptyRounds: true,
});

test("a guess with less than p-min is withheld, however sure of another the draft is", () => {
  const policy = parseStoppingPolicy("confidence:p-min=0.3");
  expect(policy.looksAtGuess).toBe(true);
  expect(policy.withholds?.(guessWith({ topProb: 0.7, guessProb: 0.3 }))).toBe(false);
  expect(policy.withholds?.(guessWith({ topProb: 0.7, guessProb: 0.299 }))).toBe(true);
  expect(policy.withholds?.(guessWith({ topProb: 0.7, guessProb: 0.7 }))).toBe(false);
});

test("nothing else ends a draft but its longest length, and nothing is learnt", () => {
  const policy = parseStoppingPolicy("confidence:max=3");
  for (const numAccepted of [0, 1, 3]) {
    const guesses = [0, 1, 2].map((index) => guessWith({ index, guessProb: 0.76 }));
    expect(guesses.map((guess) => policy.stopsAfter(guess))).toEqual([false, false, true]);
    expect(guesses.map((guess) => policy.withholds?.(guess))).toEqual([false, false, false]);
    policy.observe(outcomeWith({ numDrafted: 3, numAccepted }));
  }
});

test("with p-min 0 no round is empty but by the caller's will", () => {
  const policy = parseStoppingPolicy("confidence:p-min=0");
  expect(policy.withholds?.(guessWith({ guessProb: 0 }))).toBe(false);
});

test("its defaults are those llama.cpp had", () => {
  expect(parseStoppingPolicy("confidence").spec).toBe("confidence:p-min=0.75,max=16");
});
