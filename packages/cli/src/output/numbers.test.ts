import { expect, it } from "vitest";
import { percent, ratio, withUnit } from "./numbers.ts";

it("writes shares as whole per cent", () => {
  expect([0, 0.585, 1, undefined].map(percent)).toEqual(["0 %", "59 %", "100 %", "–"]);
});

it("writes ratios with two decimals while they are small", () => {
  expect([1, 2.424, 99.994, 640.7].map(ratio)).toEqual(["1.00", "2.42", "99.99", "641"]);
});

it("writes large numbers with a unit", () => {
  const count = (value: number) => withUnit(value, ["", "k", "M", "B"], 1000);
  expect([999, 4096, 3_950_848, 12_345_678].map(count)).toEqual([
    "999",
    "4.10 k",
    "3.95 M",
    "12.3 M",
  ]);
  expect([596_049_920, 7_615_616_512, 9e14].map(count)).toEqual(["596 M", "7.62 B", "900000 B"]);
});
