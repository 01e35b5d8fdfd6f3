import { expect, test } from "vitest";
import { createPolicyMemory } from "../stopping/policy-context.ts";
import {
  createDraftingPace,
  createTablePace,
  type DraftingPace,
  roundLimits,
} from "./drafting-pace.ts";

const settings = { bound: "auto", width: 4, maxDepth: 48 } as const;
const newPace = (changes: object = {}) =>
  createDraftingPace({ ...settings, ...changes }, "", undefined);

/** So many tokens, of which a share are accepted draft tokens while the pace lets them be drafted. */
function live(
  pace: DraftingPace,
  numTokens: number,
  { draftMs = 6, verifyMs = 30, used = 0.6 } = {},
): number {
  let numDrafting = 0;
  for (let token = 0; token < numTokens; token++) {
    const isDrafting = pace.limits().maxDepth > 0;
    if (isDrafting) {
      numDrafting++;
      pace.observeDraft(1, draftMs);
    }
    pace.observeCommit({ numTokens: 1, numAccepted: isDrafting ? used : 0, verifyMs });
  }
  return numDrafting;
}

test("before anything is timed an ordinary pair is assumed", () => {
  const limits = { bound: expect.closeTo(0.02), width: 4, branchCost: 0.3, maxDepth: 48 };
  expect(newPace().limits()).toEqual(limits);
  expect(newPace({ bound: 0.3 }).limits().bound).toBe(0.3);
});

test("the bound is a tenth of the share of a draft forward in a target forward", () => {
  const pace = newPace();
  live(pace, 100, { draftMs: 3, verifyMs: 60 });
  expect(pace.limits().bound).toBeCloseTo(0.005, 6);
  live(pace, 300, { draftMs: 12, verifyMs: 60 });
  expect(pace.limits().bound).toBeCloseTo(0.02, 3);
  live(pace, 500, { draftMs: 900, verifyMs: 60 });
  expect(pace.limits().bound).toBe(0.5);
});

test("a draft forward above half a target forward expands one place", () => {
  const pace = newPace();
  live(pace, 100, { draftMs: 14 });
  expect(pace.limits().width).toBe(4);
  live(pace, 200, { draftMs: 17 });
  expect(pace.limits().width).toBe(1);
  expect(pace.maxWidth).toBe(4); // it may be faster again
});

test("the first draft forward of a text, which computes its prompt, is not taken for its pace", () => {
  const pace = newPace();
  pace.observeDraft(1, 2_000);
  live(pace, 2);
  expect(pace.limits()).toMatchObject({ bound: expect.closeTo(0.02), width: 4 });
});

test("an edge whose drafts are not used drafts on 2 % of the tokens, until they are", () => {
  const pace = newPace();
  expect(live(pace, 600, { used: 0.005 })).toBe(600);
  expect(live(pace, 10_000, { used: 0.005 })).toBe(200);
  live(pace, 2_000);
  expect(live(pace, 2_000)).toBe(2_000);
});

test("an edge far away, which drafts much for each token that it gains, goes on", () => {
  expect(live(newPace(), 2_000, { used: 0.02 })).toBe(2_000);
});

test("limits are the same object while nothing changes", () => {
  const pace = newPace();
  live(pace, 50);
  const limits = pace.limits();
  expect(pace.limits()).toBe(limits);
  pace.observeCommit({ numTokens: 1, numAccepted: 0, verifyMs: 80 });
  expect(pace.limits()).not.toBe(limits);
});

test("no times at all leave limits that are limits", () => {
  const pace = newPace();
  live(pace, 5, { draftMs: 0, verifyMs: 0 });
  expect(pace.limits()).toEqual(newPace().limits());
});

test("a text begins with what others have measured, and texts of another kind do not mix", () => {
  const memory = createPolicyMemory();
  live(createDraftingPace(settings, "a", memory), 100, { draftMs: 20 });
  expect(createDraftingPace(settings, "a", memory).limits().width).toBe(1);
  expect(createDraftingPace(settings, "b", memory).limits().width).toBe(4);
});

test("a round is one chain, of which nothing is withheld", () => {
  expect(roundLimits(7)).toEqual({ bound: 0, width: 1, branchCost: 0, maxDepth: 7 });
});

test("a table drafts what it is sure of until it has proven to be of use, and is proven at temperature 0", () => {
  const text = { numTokens: 1, numAccepted: 0, verifyMs: 30 };
  const foregone = (distance: number) => {
    const pace = createTablePace(settings, "", undefined);
    expect(pace.limits().bound).toBe(0.5);
    pace.observeCommit({ ...text, numForegone: 1 });
    for (let token = 1; token < distance; token++) pace.observeCommit(text);
    pace.observeCommit({ ...text, numForegone: 1 });
    return pace.limits().bound;
  };
  expect(foregone(20)).toBe(0.05);
  expect(foregone(30)).toBe(0.5);
  expect(createTablePace(settings, "", undefined, true).limits().bound).toBe(0.05);
});
