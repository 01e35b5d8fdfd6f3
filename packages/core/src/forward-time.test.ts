import { expect, test } from "vitest";
import { forwardMsOf, parseForwardTime } from "./forward-time.ts";

test.each([
  ["30", 30, 0],
  ["30+1", 30, 1],
  ["30.5+0.2", 30.5, 0.2],
  ["0", 0, 0],
  ["60000+60000", 60_000, 60_000],
])("reads %s", (text, forwardMs, rowMs) => {
  expect(parseForwardTime(text)).toEqual({ forwardMs, rowMs });
});

test.each([
  ...["", "+", "30+", "+1", "30+1+1", "30 + 1", "30ms", "-1", "30+-1", "1e3", ".5", "5."],
  ...["Infinity", "NaN", "60000.1", "30+60001"],
])("refuses %j", (text) => {
  expect(parseForwardTime(text)).toBeUndefined();
});

test("each row of a forward after the first has its price", () => {
  expect(forwardMsOf({ forwardMs: 30, rowMs: 0.5 }, 1)).toBe(30);
  expect(forwardMsOf({ forwardMs: 30, rowMs: 0.5 }, 8)).toBe(33.5);
  expect(forwardMsOf({ forwardMs: 6, rowMs: 0 }, 8)).toBe(6);
});
