import { expect, test } from "vitest";
import { createRoundCosts } from "./round-costs.ts";

test("tells the round trip, the guess and the plain token apart", () => {
  const costs = createRoundCosts();
  expect(costs).toMatchObject({ tokenMs: 0, askMs: 0, plainMs: undefined });
  for (let round = 0; round < 200; round++) {
    const numDrafted = 1 + (round % 6);
    const draftMs = 4 * numDrafted;
    const roundMs = draftMs + 80 + 1.5 * numDrafted;
    costs.observe({ numDrafted, numAccepted: 0, maxDraftLength: 6, draftMs, roundMs });
  }
  for (let token = 0; token < 10; token++)
    costs.observePlain({ isAsked: false, isWithheld: false, roundMs: 30 });
  expect(costs.tokenMs).toBeCloseTo(4 + 1.5, 1);
  expect(costs.askMs).toBeCloseTo(80, 0);
  expect(costs.plainMs).toBeCloseTo(30, 9);
});

test("from drafts of one length no slope is made up", () => {
  const costs = createRoundCosts();
  for (let round = 0; round < 50; round++) {
    const roundMs = 12 + 100 + (round % 2);
    costs.observe({ numDrafted: 3, numAccepted: 1, maxDraftLength: 3, draftMs: 12, roundMs });
  }
  expect(costs.tokenMs).toBeCloseTo(4, 9);
  expect(costs.askMs).toBeCloseTo(100.5, 0);
});

test("follows when the costs change", () => {
  const costs = createRoundCosts();
  const plain = (roundMs: number) =>
    costs.observePlain({ isAsked: false, isWithheld: false, roundMs });
  for (let token = 0; token < 1_000; token++) plain(30);
  for (let token = 0; token < 300; token++) plain(60);
  expect(costs.plainMs).toBeGreaterThan(59);
});
