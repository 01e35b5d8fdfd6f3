import { expect, test } from "vitest";
import { defaultDraftWeights } from "./weight-precision.ts";

test.each([
  [0, "f32"],
  [100e6, "f32"],
  [100e6 + 1, "int8"],
  [1.1e9, "int8"],
])("a draft model of %d parameters runs in %s", (numParameters, weights) => {
  expect(defaultDraftWeights(numParameters)).toBe(weights);
});
