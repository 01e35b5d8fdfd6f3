import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNonePolicy } from "../stopping/none.ts";
import type { StoppingPolicy } from "../stopping/policy.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import type { Drafter, FallbackReason } from "./ports.ts";
import { createRoundPlanner, type RoundPlan, type RoundPlanner } from "./round-plan.ts";

const sequence = [1, 2, 3];
const able = drafterWith(() => undefined);

function drafterWith(
  obstacle: (sequence: readonly number[]) => FallbackReason | undefined,
): Drafter {
  return { async *draft() {}, obstacle };
}

/** Plans of a text of `length` tokens in which no guess is ever right. */
function plansOf(planner: RoundPlanner, length: number, before = (_round: number) => {}) {
  return Array.from({ length }, (_, index) => {
    before(index);
    return planner.next([...sequence, ...new Array(index).fill(7)], length - index - 1);
  });
}

const plainTokens = (plans: readonly RoundPlan[]) => plans.map((plan) => plan.numPlainTokens);
const draftOf = (maxDraftLength: number): RoundPlan => {
  return { maxDraftLength, numPlainTokens: 0, isAsked: true };
};
/** The first round of a plain run. */
const plainOf = (numPlainTokens: number, fallback?: FallbackReason): RoundPlan => {
  return { maxDraftLength: 0, numPlainTokens, isAsked: true, fallback };
};
const isPlain = (plan: RoundPlan) => plan.maxDraftLength === 0;

describe("drafts", () => {
  test("are as long as the policy, the request and the room allow, whichever is least", () => {
    const longest = (policyMax: number, longestDraft: number, room: number) => {
      const policy = createStaticPolicy(policyMax);
      return createRoundPlanner(policy, able, longestDraft).next(sequence, room);
    };
    expect(longest(3, 16, 20)).toEqual(draftOf(3));
    expect(longest(8, 5, 20)).toEqual(draftOf(5));
    expect(longest(8, 16, 2)).toEqual(draftOf(2));
  });

  test("are no longer than the verifier's last word", () => {
    const planner = createRoundPlanner(createStaticPolicy(8), able, 16);
    const lengths = [3, 100, 1].map((allowance) => {
      planner.allow(allowance);
      return planner.next(sequence, 40).maxDraftLength;
    });
    expect(lengths).toEqual([3, 8, 1]);
  });
});

describe("where nothing will be drafted any more", () => {
  test.each([
    ["without a drafter", createStaticPolicy(4), undefined, 16],
    ["with policy none", createNonePolicy(), able, 16],
    ["with drafts of 0 tokens asked for", createStaticPolicy(4), able, 0],
  ])("%s the first round announces the whole rest", (_, policy, drafter, longestDraft) => {
    const planner = createRoundPlanner(policy, drafter, longestDraft);
    const plans = plansOf(planner, 40, () => planner.allow(64));
    expect(plainTokens(plans)).toEqual(Array.from({ length: 40 }, (_, index) => 39 - index));
    expect(plans.every((plan) => isPlain(plan) && plan.fallback === undefined)).toBe(true);
  });

  test("the last token, which no draft has room for, is plain without being a fallback", () => {
    const planner = createRoundPlanner(createStaticPolicy(4), able, 16);
    expect(planner.next(sequence, 0)).toEqual(plainOf(0));
  });

  test.each(["draft_context", "draft_failed"] as const)(
    "because of %s, the rest from there on is announced as that fallback",
    (reason) => {
      const drafter = drafterWith(({ length }) => (length >= 6 ? reason : undefined));
      const planner = createRoundPlanner(createStaticPolicy(2), drafter, 16);
      const plans = plansOf(planner, 30);
      expect(plans.slice(0, 3).map((plan) => plan.maxDraftLength)).toEqual([2, 2, 2]);
      expect(plans[3]).toEqual(plainOf(26, reason));
      expect(plans.slice(3).map((plan) => plan.fallback)).toEqual(new Array(27).fill(reason));
    },
  );

  test("the draft's own obstacle counts before the verifier's lack of room", () => {
    const drafter = drafterWith(() => "draft_context");
    const planner = createRoundPlanner(createStaticPolicy(2), drafter, 16);
    planner.allow(0);
    expect(planner.next(sequence, 30)).toEqual(plainOf(30, "draft_context"));
  });
});

describe("while the verifier has no room for drafts", () => {
  test("rounds are plain in runs of 16", () => {
    const planner = createRoundPlanner(createStaticPolicy(4), able, 16);
    planner.allow(0);
    const plans = plansOf(planner, 40);
    const run = Array.from({ length: 16 }, (_, index) => 15 - index);
    expect(plainTokens(plans)).toEqual([...run, ...run, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(plans.slice(0, 39).every((plan) => plan.fallback === "allowance")).toBe(true);
  });

  test("a run that is announced is kept to, and drafting begins right after it", () => {
    const planner = createRoundPlanner(createStaticPolicy(4), able, 16);
    planner.allow(0);
    const plans = plansOf(planner, 40, (round) => round === 3 && planner.allow(2));
    expect(plans.findIndex((plan) => !isPlain(plan))).toBe(16);
    expect(plans[16]).toEqual(draftOf(2));
  });
});

describe("where the policy wants plain tokens before the next draft", () => {
  /** Drafts of 2, with so many plain tokens before each. */
  function policyWaiting(...numsPlain: readonly number[]): StoppingPolicy & { numAsked: number } {
    return {
      ...createStaticPolicy(2),
      numAsked: 0,
      numPlainTokens() {
        return numsPlain[this.numAsked++] ?? 0;
      },
    };
  }

  test("they are a run of exactly so many, no fallback, and the verifier hears of the first", () => {
    const policy = policyWaiting(3, 0, 0, 1, 2);
    const plans = plansOf(createRoundPlanner(policy, able, 16), 20);
    expect(plans.slice(0, 10).map(isPlain)).toEqual(
      [true, true, true, false, false, true, true, true, false, false], // the 2 follow the 1
    );
    expect(plainTokens(plans.slice(0, 10))).toEqual([2, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect(plans.slice(0, 10).map(({ isAsked }) => isAsked)).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(plans.every(({ fallback }) => fallback === undefined)).toBe(true);
  });

  test("they end with the output: no more are announced than fit", () => {
    const planner = createRoundPlanner(policyWaiting(Number.POSITIVE_INFINITY), able, 16);
    expect(planner.next(sequence, 7)).toEqual(plainOf(7));
  });

  test("it is not asked in the middle of a run, nor where nothing could be drafted anyway", () => {
    const policy = policyWaiting(3, 3);
    plansOf(createRoundPlanner(policy, able, 16), 5);
    expect(policy.numAsked).toBe(2);

    const unable = policyWaiting(3);
    const planner = createRoundPlanner(unable, able, 16);
    planner.allow(0);
    expect(planner.next(sequence, 30)).toEqual(plainOf(15, "allowance"));
    createRoundPlanner(unable, undefined, 16).next(sequence, 30);
    createRoundPlanner(
      unable,
      drafterWith(() => "draft_context"),
      16,
    ).next(sequence, 30);
    createRoundPlanner(unable, able, 16).next(sequence, 0);
    expect(unable.numAsked).toBe(0);
  });

  test("once it waited, the draft is as long as it would have been", () => {
    const plans = plansOf(createRoundPlanner(policyWaiting(1, 0), able, 16), 20);
    expect(plans.slice(0, 2)).toEqual([plainOf(0), draftOf(2)]);
  });
});

test("whatever happens, an announced run is followed by exactly so many plain rounds", () => {
  const cases = fc.record({
    length: fc.integer({ min: 1, max: 120 }),
    policyMax: fc.nat(5),
    longestDraft: fc.nat(5),
    hasDrafter: fc.boolean(),
    obstacleFrom: fc.nat(300),
    allowances: fc.array(fc.option(fc.nat(4), { nil: undefined }), { maxLength: 120 }),
    accepted: fc.array(fc.nat(4), { minLength: 120, maxLength: 120 }),
    waits: fc.array(fc.constantFrom(0, 0, 1, 5, 1000), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(cases, ({ length, policyMax, longestDraft, hasDrafter, ...script }) => {
      const waits = [...script.waits];
      const policy = {
        ...(policyMax === 0 ? createNonePolicy() : createStaticPolicy(policyMax)),
        numPlainTokens: () => waits.pop() ?? 0,
      };
      const drafter = drafterWith((seen) =>
        seen.length >= script.obstacleFrom ? "draft_context" : undefined,
      );
      const planner = createRoundPlanner(policy, hasDrafter ? drafter : undefined, longestDraft);
      const text: number[] = [];
      let announced = 0;
      for (let round = 0; text.length < length; round++) {
        const room = length - text.length - 1;
        const plan = planner.next(text, room);
        expect(plan.maxDraftLength).toBeLessThanOrEqual(Math.min(room, policyMax, longestDraft));
        expect(plan.numPlainTokens).toBeLessThanOrEqual(room);
        if (!isPlain(plan)) expect(plan.numPlainTokens).toBe(0);
        expect(plan.isAsked).toBe(announced === 0);
        if (announced > 0) {
          expect(isPlain(plan)).toBe(true);
          expect(plan.numPlainTokens).toBe(announced - 1);
        }
        announced = plan.numPlainTokens;
        const allowance = script.allowances[round];
        if (allowance !== undefined) planner.allow(allowance);
        const numAccepted = Math.min(plan.maxDraftLength, script.accepted[round] as number);
        text.push(...new Array(numAccepted + 1).fill(7));
      }
      expect(announced).toBe(0);
    }),
    { numRuns: 500 },
  );
});
