import { expect, test } from "vitest";
import { guessWith } from "./evidence.cases.ts";
import { createNonePolicy } from "./none.ts";
import { testPolicy } from "./policy.cases.ts";

testPolicy(["none"], { goesByEntropy: true });

test("wants no draft at all", () => {
  const policy = createNonePolicy();
  expect(policy.maxDraftLength).toBe(0);
  expect(policy.stopsAfter(guessWith({ entropy: 0 }))).toBe(true);
});
