import { AdaedlError, type ErrorCode } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import {
  type Attempts,
  createRecovery,
  type FailedAttempt,
  isGivenUp,
  type OtherVerifiers,
} from "./recovery.ts";

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

describe("after a failed attempt", () => {
  type Told = Partial<FailedAttempt> & {
    readonly code?: ErrorCode;
    readonly retryAfterMs?: number;
  };
  /** Attempts that fail a second after another, each on its own unless it says otherwise. */
  function pausesAfter(...attempts: readonly Told[]) {
    return pausesAmong({ numUsable: 1, hasRested: false }, ...attempts);
  }
  function pausesAmong(verifiers: OtherVerifiers, ...attempts: readonly Told[]) {
    const recovery = createRecovery(giveUpMs);
    return attempts.map(({ code = "unavailable", retryAfterMs, ...told }, index) => {
      const attempt = {
        error: new AdaedlError(code, "broken", { retryAfterMs }),
        beganAt: index * second,
        failedAt: (index + 1) * second,
        workedAt: undefined,
        hasCommitted: false,
        ...told,
      };
      return recovery.pauseAfter(attempt, verifiers);
    });
  }

  test("there is another one at once, then after pauses that grow to a second", () => {
    expect(pausesAfter(...Array<Told>(9).fill({}))).toEqual([
      ...[0, 25, 50, 100, 200, 400, 800, 1_000, 1_000],
    ]);
  });

  test("a busy verifier says when, and what counts is what came after the text last grew", () => {
    const busy: Told = { code: "resource_exhausted", retryAfterMs: 700 };
    expect(pausesAfter(busy, busy, { hasCommitted: true }, {})).toEqual([700, 700, 0, 25]);
  });

  test("when to come back is obeyed only where no other verifier may take the text", () => {
    const busy: Told = { code: "resource_exhausted", retryAfterMs: 700 };
    expect(pausesAmong({ numUsable: 2, hasRested: true }, busy, busy)).toEqual([0, 25]);
    expect(pausesAmong({ numUsable: 2, hasRested: false }, busy, busy)).toEqual([700, 700]);
  });

  test("nobody waits longer than a text is tried", () => {
    const busy: Told = { code: "resource_exhausted", retryAfterMs: 1e12 };
    expect(pausesAfter(busy, busy)).toEqual([59 * second, 58 * second]);
  });

  test.each<ErrorCode>(["invalid_argument", "out_of_range", "unimplemented"])(
    "%s is believed of the only verifier, else of two",
    (code) => {
      expect(pausesAfter({ code })).toEqual([undefined]);
      expect(pausesAfter({ code, hasCommitted: true })).toEqual([undefined]);
      const [first, second] = ["first", "second"].map((verifier) => ({ code, verifier }));
      const among = { numUsable: 3, hasRested: true };
      expect(pausesAmong(among, first as Told, first as Told, second as Told)).toEqual([
        ...[0, 25, undefined],
      ]);
    },
  );

  test.each<ErrorCode>(["internal", "unauthenticated", "permission_denied"])(
    "%s is tried three times, and again three times for text that has grown",
    (code) => {
      expect(pausesAfter({ code }, { code }, { code })).toEqual([0, 25, undefined]);
      const grown = { code, hasCommitted: true };
      expect(pausesAfter({ code }, { code }, grown, { code }, { code })).toEqual([
        ...[0, 25, 0, 25, undefined],
      ]);
    },
  );

  test("time counts from the first attempt's begin, without that of work", () => {
    const late = { beganAt: 0, failedAt: giveUpMs + second };
    expect(pausesAfter(late)).toEqual([0]); // twice in any case
    expect(pausesAfter({}, late)).toEqual([0, undefined]);
    expect(pausesAfter({}, { ...late, workedAt: 2 * second })).toEqual([0, 25]);
    // A prefix on which verifiers fail, each time.
    const interrupted = (at: number): Told => ({ failedAt: at * second, workedAt: at * second });
    expect(pausesAfter(interrupted(30), interrupted(55), interrupted(65))).toEqual([
      ...[0, 25, undefined],
    ]);
  });

  test("what a text's reader took does not count", () => {
    const idle = { beganAt: 0, workedAt: second, failedAt: 900 * second, hasCommitted: true };
    const next = { beganAt: 900 * second, failedAt: 930 * second };
    expect(pausesAfter(idle, next, { ...next, failedAt: 961 * second })).toEqual([
      ...[0, 25, undefined],
    ]);
  });
});
