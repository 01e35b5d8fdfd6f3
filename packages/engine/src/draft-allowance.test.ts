import { createTestRandom } from "@adaedl/testing";
import { describe, expect, it } from "vitest";
import {
  createAcceptanceGuard,
  createDraftAllowance,
  type DraftAllowance,
} from "./draft-allowance.ts";

/** What the allowance was after each step. */
function follow(allowance: DraftAllowance, numSteps: number, loadAt: (step: number) => number) {
  return Array.from({ length: numSteps }, (_, step) => {
    allowance.observe(loadAt(step));
    return allowance.current;
  });
}

/** The values one after the other, repetitions left out. */
const changesOf = (values: readonly number[]) =>
  values.filter((value, index) => value !== values[index - 1]);

/** How often the allowance turned from falling to rising or back. */
function numTurns(values: readonly number[]): number {
  const changes = changesOf(values);
  const directions = changes.slice(1).map((value, index) => value > (changes[index] as number));
  return directions.filter((up, index) => index > 0 && up !== directions[index - 1]).length;
}

describe("the allowance", () => {
  it("begins with the longest draft and halves under load down to none, a while apart", () => {
    const values = follow(createDraftAllowance(20), 200, () => 1);
    expect(changesOf(values)).toEqual([20, 10, 5, 2, 1, 0]);
    const changedAt = values.flatMap((value, step) => (value === values[step - 1] ? [] : [step]));
    const pauses = changedAt.slice(1).map((step, index) => step - (changedAt[index] as number));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(15);
  });

  it("doubles again when there is room, up to the longest and no further", () => {
    const allowance = createDraftAllowance(20);
    follow(allowance, 200, () => 1);
    expect(changesOf(follow(allowance, 400, () => 0.1))).toEqual([0, 1, 2, 4, 8, 16, 20]);
  });

  it("overlooks a single crowded step", () => {
    const values = follow(createDraftAllowance(64), 100, (step) => (step % 20 === 0 ? 1 : 0.3));
    expect(changesOf(values)).toEqual([64]);
  });

  it.each([0.3, 0.5, 0.7, 0.85])(
    "does not swing when the load goes up and down round %d, fast or slowly",
    (middle) => {
      for (const period of [2, 10, 40]) {
        const allowance = createDraftAllowance(64);
        follow(allowance, 40, () => 1); // so that it can go either way
        const load = (step: number) => middle + (step % period < period / 2 ? 0.1 : -0.1);
        expect(numTurns(follow(allowance, 2000, load))).toBeLessThanOrEqual(1);
      }
    },
  );

  // Then one change halves the load, or doubles it: the answer to a change must not undo it.
  it.each([0, 0.2])("settles when drafts themselves are the load, with noise of %d", (noise) => {
    const random = createTestRandom(5);
    for (let perToken = 0.001; perToken < 0.8; perToken *= 1.02) {
      const allowance = createDraftAllowance(64);
      const values = follow(allowance, 3000, () => {
        const jitter = 1 + noise * (2 * random.next() - 1);
        return perToken * (1 + allowance.current) * jitter;
      });
      expect(numTurns(values), `at ${perToken}`).toBeLessThanOrEqual(noise === 0 ? 0 : 2);
    }
  });
});

describe("the guard", () => {
  /** Rounds until a session that is refused everything is held to drafts of one. */
  function roundsUntilHeld(draftLength: (allowed: number) => number): number {
    const guard = createAcceptanceGuard();
    for (let round = 0; round < 100; round++) {
      if (guard.limit(64) === 1) return round;
      guard.observe(draftLength(guard.limit(64)), 0);
    }
    return Number.POSITIVE_INFINITY;
  }

  it("holds a session that is never right to one guess within 64 rounds, however it drafts", () => {
    const random = createTestRandom(1);
    const ways = [
      (allowed: number) => allowed,
      () => 1,
      () => 2,
      (allowed: number) => 1 + random.integer(allowed),
    ];
    expect(ways.map(roundsUntilHeld).every((rounds) => rounds <= 64)).toBe(true);
  });

  it("holds it for as long as it stays wrong, and never grants more than is allowed", () => {
    const guard = createAcceptanceGuard();
    for (let round = 0; round < 500; round++) guard.observe(guard.limit(8), 0);
    expect([0, 1, 8].map((allowed) => guard.limit(allowed))).toEqual([0, 1, 1]);
  });

  it("lets it go when its guesses have become right", () => {
    const guard = createAcceptanceGuard();
    for (let round = 0; round < 70; round++) guard.observe(guard.limit(8), 0);
    let numRounds = 0;
    while (guard.limit(8) === 1 && numRounds < 100) {
      guard.observe(1, 1);
      numRounds++;
    }
    expect(numRounds).toBeLessThanOrEqual(64);
  });

  it.each([1, 5, 64])(
    "leaves one alone whose first of %i guesses is right one time in five",
    (length) => {
      const guard = createAcceptanceGuard();
      for (let round = 0; round < 200; round++) {
        guard.observe(length, round % 5 === 4 ? 1 : 0);
        expect(guard.limit(64)).toBe(64);
      }
    },
  );

  it("concludes nothing from a few rounds, or from plain ones", () => {
    const guard = createAcceptanceGuard();
    for (let round = 0; round < 20; round++) guard.observe(64, 0);
    for (let round = 0; round < 200; round++) guard.observe(0, 0);
    expect(guard.limit(64)).toBe(64);
    for (let round = 0; round < 20; round++) guard.observe(64, 0);
    expect(guard.limit(64)).toBe(1);
  });
});
