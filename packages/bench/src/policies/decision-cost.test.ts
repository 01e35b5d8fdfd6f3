import { policyDefinitions } from "@adaedl/core";
import { expect, test } from "vitest";
import { measureDecisionCost } from "./decision-cost.ts";

const specs = policyDefinitions.map(({ name }) => (name === "static" ? "static:7" : name));

// What a decision costs is printed, not judged: a guess of the smallest model costs a thousand times it.
test.each([...specs, "adaedl:test=before", "adaedl:gamma=auto"])("what %s costs", (spec) => {
  const costUs = measureDecisionCost(spec);
  console.info(`a decision of ${spec}: ${costUs.toFixed(3)} µs`);
  expect(Number.isFinite(costUs)).toBe(true);
  expect(costUs > 0).toBe(spec !== "none");
});
