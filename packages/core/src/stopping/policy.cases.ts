import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guessWith, likelyEvidence, oddEvidence, outcomeWith } from "./evidence.cases.ts";
import { parseStoppingPolicy } from "./parse-stopping-policy.ts";
import type { GuessEvidence, StoppingPolicy } from "./policy.ts";

/** What a policy says about itself. */
interface PolicyTraits {
  /** Whether it leaves rounds without a draft, although it is not `none`. */
  readonly hasEmptyRounds?: boolean;
  /** Whether less entropy never makes it stop earlier. */
  readonly goesByEntropy?: boolean;
}

/** A round as a policy lives it. */
interface RoundCase {
  /** Of the evidence of its guesses. */
  readonly seed: number;
  readonly shareAccepted: number;
  /** What the caller allows in this round, whatever the policy wants. */
  readonly limit: number;
  readonly roundMs: number;
}

const rounds = fc.record<RoundCase>({
  seed: fc.nat(1e6),
  shareAccepted: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  limit: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 70 }), fc.constant(70)),
  roundMs: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e5, noNaN: true })),
});
const histories = fc.array(rounds, { maxLength: 40 });

/** One round as the round loop plays it; what the policy decided in it. */
function playRound(policy: StoppingPolicy, round: RoundCase, evidenceOf = likelyEvidence) {
  const { seed, shareAccepted, roundMs } = round;
  const maxDraftLength = Math.min(policy.maxDraftLength, round.limit);
  let numDrafted = 0;
  let isWithheld = false;
  while (numDrafted < maxDraftLength) {
    const guess = { index: numDrafted, ...evidenceOf(seed, numDrafted) };
    isWithheld = policy.withholds?.(guess) ?? false;
    if (isWithheld) break;
    numDrafted++;
    if (policy.stopsAfter(guess)) break;
  }
  const numAccepted = Math.round(shareAccepted * numDrafted);
  const draftMs = roundMs / 3;
  if (numDrafted > 0) policy.observe({ numDrafted, numAccepted, maxDraftLength, draftMs, roundMs });
  return { numDrafted, isWithheld };
}

const play = (policy: StoppingPolicy, history: readonly RoundCase[]) =>
  history.map((round) => playRound(policy, round));

function askAbout(policy: StoppingPolicy, evidence: GuessEvidence, index: number): unknown[] {
  const guess = { index, ...evidence };
  return [policy.withholds?.(guess), policy.stopsAfter(guess)];
}

/** Whether the draft ends with its first guess, or before it. */
function endsAt(policy: StoppingPolicy, entropy: number): boolean {
  const guess = guessWith({ entropy });
  return (policy.withholds?.(guess) ?? false) || policy.stopsAfter(guess);
}

/** What every stopping policy must keep, for each of the specifications given. */
export function testPolicy(specs: readonly string[], traits: PolicyTraits = {}): void {
  describe.each(specs)("%s", (spec) => {
    const check = <T>(cases: fc.Arbitrary<T>, holds: (value: T) => void) =>
      fc.assert(fc.property(cases, holds), { numRuns: 50 });

    test("its own specification makes it again", () => {
      const { spec: written } = parseStoppingPolicy(spec);
      expect(parseStoppingPolicy(written).spec).toBe(written);
      check(histories, (history) => {
        const [original, copy] = [parseStoppingPolicy(spec), parseStoppingPolicy(written)];
        expect(copy.maxDraftLength).toBe(original.maxDraftLength);
        expect(play(copy, history)).toEqual(play(original, history));
      });
    });

    test("never wants more than its longest draft, after any history", () => {
      check(fc.tuple(histories, fc.nat(1e6)), ([history, seed]) => {
        const policy = parseStoppingPolicy(spec);
        for (const { numDrafted } of play(policy, history))
          expect(numDrafted).toBeLessThanOrEqual(policy.maxDraftLength);
        for (let index = 0; index < policy.maxDraftLength + 2; index++) {
          const stops = policy.stopsAfter({ index, ...likelyEvidence(seed, index) });
          if (index + 1 >= policy.maxDraftLength) expect(stops).toBe(true);
        }
      });
    });

    test(`has ${traits.hasEmptyRounds ? "" : "no "}rounds without a draft`, () => {
      const policy = parseStoppingPolicy(spec);
      let numEmpty = 0;
      check(histories, (history) => {
        for (const { numDrafted } of play(policy, history)) if (numDrafted === 0) numEmpty++;
      });
      const says = policy.withholds !== undefined;
      expect(says).toBe(traits.hasEmptyRounds ?? false);
      expect(numEmpty > 0).toBe(says);
    });

    test("decides the same after the same history, and each session for itself", () => {
      check(fc.tuple(histories, histories), ([history, others]) => {
        const [first, second, other] = [
          parseStoppingPolicy(spec),
          parseStoppingPolicy(spec),
          parseStoppingPolicy(spec),
        ];
        const decisions = play(first, history);
        play(other, others);
        expect(play(second, history)).toEqual(decisions);
        expect(play(parseStoppingPolicy(spec), history)).toEqual(decisions); // a fresh one begins anew
      });
    });

    test("being asked changes nothing", () => {
      check(fc.tuple(histories, fc.array(fc.nat(1e6))), ([history, seeds]) => {
        const [asked, left] = [parseStoppingPolicy(spec), parseStoppingPolicy(spec)];
        for (const round of history) {
          seeds.forEach((seed, index) => {
            const evidence = likelyEvidence(seed, index);
            const answers = askAbout(asked, evidence, index);
            expect(askAbout(asked, evidence, index)).toEqual(answers);
          });
          expect(playRound(asked, round)).toEqual(playRound(left, round));
        }
      });
    });

    test("survives odd numbers, and still decides", () => {
      check(histories, (history) => {
        const policy = parseStoppingPolicy(spec);
        for (const round of history) playRound(policy, round, oddEvidence);
        for (const roundMs of [0, 1e12])
          policy.observe(outcomeWith({ numDrafted: 1, draftMs: 0, roundMs }));
        for (let index = 0; index < 10; index++) {
          const [withholds, stops] = askAbout(policy, oddEvidence(index, index), index);
          expect([true, false, undefined]).toContain(withholds);
          expect([true, false]).toContain(stops);
        }
        play(policy, history);
      });
    });

    if (traits.goesByEntropy)
      test("never goes on where it would stop for less entropy, after any outcomes", () => {
        check(histories, (history) => {
          const policy = parseStoppingPolicy(spec);
          for (let repeat = 0; repeat < 50; repeat++) play(policy, history);
          const answers = [0, 1e-3, 0.1, 1, 4, 12, 1e9].map((entropy) => endsAt(policy, entropy));
          expect([...answers].sort()).toEqual(answers);
        });
      });
  });
}
