import { draftLength, numberWithin } from "./param-rules.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type UcbParams = {
  /** Lengths from 1 to this are tried. */
  readonly max: number;
  /** How much a length that was seldom tried is favoured, in milliseconds. */
  readonly beta: number;
};

/** What the rounds of one draft length took and gave. */
interface Arm {
  numRounds: number;
  totalMs: number;
  numTokens: number;
}

/**
 * UCB-SpecStop (arXiv 2606.20591, Algorithm 1; code szpsunkk/UCB-SpecStop): a bandit over draft
 * lengths. Each is played once; then the length of the least time per token is, by the ratio of sums
 * less a bonus for what was seldom tried:
 *
 *     totalMs[k] / numTokens[k] - beta * sqrt(numRounds[k] * ln t) / numTokens[k]
 *
 * It looks at nothing but past rounds: exact under either verification rule. (The server released
 * with the paper is not, whatever the policy: after a refusal it draws from the target itself. It is
 * a negative control of test/lossless/exact-law-controls.test.ts.)
 *
 * Ours knows that rounds may be shorter than wanted. One that was cut short says nothing about its
 * length and is not counted, and lengths beyond what the last round could have held are not played:
 * a length that never comes about would otherwise be tried for ever.
 */
export const ucb: PolicyDefinition<UcbParams> = {
  name: "ucb",
  form: "ucb[:max=20,beta=1]",
  params: { max: draftLength(20), beta: numberWithin(0, 1e6, 1) },
  create({ max, beta }, spec) {
    const arms = Array.from({ length: max }, (): Arm => {
      return { numRounds: 0, totalMs: 0, numTokens: 0 };
    });
    let numRounds = 0;
    let length = 1;

    function indexOf(arm: Arm): number {
      if (arm.numRounds === 0) return Number.NEGATIVE_INFINITY;
      const bonus = beta * Math.sqrt(arm.numRounds * Math.log(numRounds));
      return (arm.totalMs - bonus) / arm.numTokens;
    }

    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: false,
      stopsAfter: ({ index }) => index + 1 >= length,
      observe({ numDrafted, numAccepted, maxDraftLength, roundMs }) {
        const arm = arms[length - 1];
        if (arm !== undefined && numDrafted === length) {
          arm.numRounds++;
          arm.totalMs += roundMs;
          arm.numTokens += numAccepted + 1;
          numRounds++;
        }
        const indices = arms.slice(0, maxDraftLength).map(indexOf);
        length = 1 + indices.indexOf(Math.min(...indices)); // the shortest of equal ones
      },
    };
  },
};
