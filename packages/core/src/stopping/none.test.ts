import { expect, test } from "vitest";
import { createNonePolicy } from "./none.ts";
import { testPolicy } from "./policy.cases.ts";

testPolicy(["none"]);

test("wants no draft at all", () => {
  const policy = createNonePolicy();
  expect(policy.maxDraftLength).toBe(0);
  expect(policy.stopsAfter({ index: 0, entropy: 0 })).toBe(true);
});
