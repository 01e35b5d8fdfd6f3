import { expect, test } from "vitest";
import { type Attempts, isGivenUp } from "./recovery.ts";

const giveUpMs = 60_000;
const second = 1_000;

test.each<[boolean, string, Attempts]>([
  [
    false,
    "one failure, after however long a prefill",
    { numFailed: 1, numInterrupted: 1, elapsedMs: 900 * second, silentMs: 0 },
  ],
  [
    false,
    "one failure, after however long a silence",
    { numFailed: 1, numInterrupted: 0, elapsedMs: 90 * second, silentMs: 90 * second },
  ],
  [
    false,
    "a verifier that is restarted after a long prefill",
    { numFailed: 20, numInterrupted: 1, elapsedMs: 930 * second, silentMs: 30 * second },
  ],
  [
    true,
    "one that does not come back",
    { numFailed: 60, numInterrupted: 1, elapsedMs: 961 * second, silentMs: 61 * second },
  ],
  [
    true,
    "none that can be reached",
    { numFailed: 60, numInterrupted: 0, elapsedMs: 61 * second, silentMs: 61 * second },
  ],
  [
    false,
    "connections that break over and over for less than that",
    { numFailed: 30, numInterrupted: 30, elapsedMs: 59 * second, silentMs: 0 },
  ],
  [
    true,
    "a prefix on which verifiers fail, each time",
    { numFailed: 3, numInterrupted: 3, elapsedMs: 300 * second, silentMs: 0 },
  ],
])("given up: %s, for %s", (expected, _, attempts) => {
  expect(isGivenUp(attempts, giveUpMs)).toBe(expected);
});
