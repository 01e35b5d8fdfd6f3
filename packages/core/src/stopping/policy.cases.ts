import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicy } from "./parse-policy.ts";
import type { RoundOutcome, StoppingPolicy } from "./policy.ts";

/** A round as a policy lives it: entropies it is asked about, then the outcome it is told. */
interface RoundCase {
  readonly entropies: readonly number[];
  readonly shareAccepted: number;
  /** What the caller allows in this round, whatever the policy wants. */
  readonly limit: number;
}

const entropy = fc.oneof(
  fc.double({ min: 0, max: 12, noNaN: true }),
  fc.constantFrom(0, 1e-300, 1e9, Number.POSITIVE_INFINITY),
);
const histories = fc.array(
  fc.record<RoundCase>({
    entropies: fc.array(entropy, { minLength: 70, maxLength: 70 }),
    shareAccepted: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    limit: fc.integer({ min: 1, max: 70 }),
  }),
  { maxLength: 12 },
);

/** Drafts as the round loop does; returns the outcome, or nothing where nothing was drafted. */
function playRound(policy: StoppingPolicy, round: RoundCase): RoundOutcome | undefined {
  const maxDraftLength = Math.min(policy.maxDraftLength, round.limit);
  let numDrafted = 0;
  while (numDrafted < maxDraftLength) {
    const guess = { index: numDrafted, entropy: round.entropies[numDrafted] as number };
    numDrafted++;
    if (policy.stopsAfter(guess)) break;
  }
  if (numDrafted === 0) return undefined;
  const numAccepted = Math.round(round.shareAccepted * numDrafted);
  const outcome = { numDrafted, numAccepted, maxDraftLength };
  policy.observe(outcome);
  return outcome;
}

/** What every stopping policy must keep, for each of the specifications given. */
export function testPolicy(specs: readonly string[]): void {
  describe.each(specs)("%s", (spec) => {
    test("its own specification makes it again", () => {
      const policy = parsePolicy(spec);
      const again = parsePolicy(policy.spec);
      expect(again.spec).toBe(policy.spec);
      expect(again.maxDraftLength).toBe(policy.maxDraftLength);
      fc.assert(
        fc.property(histories, (rounds) => {
          const [original, copy] = [parsePolicy(spec), parsePolicy(policy.spec)];
          for (const round of rounds)
            expect(playRound(copy, round)).toEqual(playRound(original, round));
        }),
        { numRuns: 50 },
      );
    });

    test("never wants more than its longest draft, after any history", () => {
      fc.assert(
        fc.property(histories, entropy, (rounds, anyEntropy) => {
          const policy = parsePolicy(spec);
          for (const round of rounds) playRound(policy, round);
          const last = { index: Math.max(0, policy.maxDraftLength - 1), entropy: anyEntropy };
          expect(policy.stopsAfter(last)).toBe(true);
          expect(policy.stopsAfter({ ...last, index: last.index + 1 })).toBe(true);
        }),
        { numRuns: 50 },
      );
    });

    test("decides the same after the same history, and each session for itself", () => {
      fc.assert(
        fc.property(histories, histories, (rounds, otherRounds) => {
          const [first, second, other] = [parsePolicy(spec), parsePolicy(spec), parsePolicy(spec)];
          const outcomes = rounds.map((round) => playRound(first, round));
          for (const round of otherRounds) playRound(other, round);
          expect(rounds.map((round) => playRound(second, round))).toEqual(outcomes);
        }),
        { numRuns: 50 },
      );
    });

    test("being asked changes nothing", () => {
      fc.assert(
        fc.property(histories, fc.array(entropy), (rounds, entropies) => {
          const [asked, left] = [parsePolicy(spec), parsePolicy(spec)];
          for (const round of rounds) {
            entropies.forEach((one, index) => {
              asked.stopsAfter({ index, entropy: one });
            });
            expect(playRound(asked, round)).toEqual(playRound(left, round));
          }
        }),
        { numRuns: 50 },
      );
    });

    test("never goes on where it would stop for less entropy, after any outcomes", () => {
      fc.assert(
        fc.property(histories, (rounds) => {
          const policy = parsePolicy(spec);
          for (let repeat = 0; repeat < 200; repeat++)
            for (const round of rounds) playRound(policy, round);
          const answers = [0, 1e-3, 0.1, 1, 4, 12, 1e9].map((one) =>
            policy.stopsAfter({ index: 0, entropy: one }),
          );
          expect([...answers].sort()).toEqual(answers);
        }),
        { numRuns: 20 },
      );
    });
  });
}
