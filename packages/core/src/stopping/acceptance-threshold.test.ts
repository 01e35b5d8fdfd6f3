import { expect, test } from "vitest";
import { createAcceptanceThreshold, isAcceptedWhole } from "./acceptance-threshold.ts";
import { outcomeWith } from "./evidence.cases.ts";

const constants = { lambda: 0.5, alpha: 0.6, beta1: 0.5, beta2: 0.75, eps: 0.2 }; // steps of 0.05

test("rises while too little is accepted, falls where drafts could be longer, stays where not", () => {
  const threshold = createAcceptanceThreshold(constants, isAcceptedWhole);
  const after = (numDrafted: number, numAccepted: number) => {
    threshold.observe(outcomeWith({ numDrafted, numAccepted, maxDraftLength: 4 }));
    return threshold.lambda;
  };
  expect(threshold.lambda).toBe(0.5);
  expect(after(4, 4)).toBeCloseTo(0.55, 12); // rate 0.5
  expect(after(4, 4)).toBeCloseTo(0.55, 12); // rate 0.75, all 4
  expect(after(4, 3)).toBeCloseTo(0.5, 12); //  rate 0.75, not all 4
});

test("what counts as saturated is the policy's own", () => {
  const whole = { numDrafted: 4, numAccepted: 3, maxDraftLength: 4 };
  const stays = createAcceptanceThreshold({ ...constants, beta1: 0 }, () => true);
  stays.observe(outcomeWith(whole));
  expect(stays.lambda).toBe(0.5);
});
