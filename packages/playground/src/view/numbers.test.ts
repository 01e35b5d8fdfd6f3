import { expect, test } from "vitest";
import { inUnits } from "./numbers.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [999_600, "1.00 M"],
  [491_520, "492 k"],
  [3_948_288, "3.95 M"],
  [8_030_261_248, "8.03 B"],
  [405e9, "405 B"],
])("%d parameters are shown as %s", (amount, text) => {
  expect(inUnits(amount)).toBe(text);
});
