import { describe, expect, test } from "vitest";
import type { PlainOutcome, RoundOutcome, StoppingPolicy } from "../stopping/policy.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import { decode } from "./decode.ts";
import type { Round } from "./ports.ts";
import {
  collect,
  createScriptedClock,
  createScriptedDrafter,
  createTextVerifier,
  outputOf,
} from "./scripted-ports.cases.ts";

// What a policy is told of each round, on a clock of 3 ms a guess and 20 ms a verdict.
const text = [10, 11, 12, 13, 14, 15, 16, 17];

/** Decodes eight tokens; every guess is right. */
async function run(policy: Partial<StoppingPolicy>, script?: () => readonly number[]) {
  const clock = createScriptedClock();
  const rightGuesses = ({ text: { length } }: Round) => text.slice(length - 1);
  const told: (RoundOutcome | PlainOutcome)[] = [];
  const events = await collect(
    decode(
      {
        promptTokenIds: [90],
        contextLength: 1000,
        maxDraftLength: 16,
        maxTokens: 8,
        stopTokenIds: new Set(),
        stopStrings: [],
      },
      {
        drafter: createScriptedDrafter(script ?? rightGuesses, { advance: clock.advance, ms: 3 }),
        verifier: createTextVerifier(text, { advance: clock.advance, ms: 20 }),
        policy: {
          ...createStaticPolicy(3),
          observe: (outcome) => told.push(outcome),
          observePlain: (outcome) => told.push(outcome),
          ...policy,
        },
        now: clock.now,
      },
    ),
  );
  expect(outputOf(events).tokenIds).toEqual(text);
  return { told, events };
}

describe("of a round that drafted", () => {
  test("the policy is told what it was and took, from the first guess to the verdict", async () => {
    const { told } = await run({});
    expect(told).toEqual([
      { numDrafted: 3, numAccepted: 3, maxDraftLength: 3, draftMs: 9, roundMs: 29 },
      { numDrafted: 3, numAccepted: 3, maxDraftLength: 3, draftMs: 9, roundMs: 29 },
    ]);
  });

  test("a withheld guess is not drafted, and its time was spent", async () => {
    const { told } = await run({ withholds: ({ index }) => index === 2 });
    expect(told[0]).toEqual({
      numDrafted: 2,
      numAccepted: 2,
      maxDraftLength: 3,
      draftMs: 9,
      roundMs: 29,
    });
  });
});

describe("of a round that drafted nothing", () => {
  test("the policy is told that its guess was withheld", async () => {
    const { told, events } = await run({ withholds: () => true });
    const withheld = { isAsked: true, isWithheld: true, roundMs: 23 };
    const last = { isAsked: true, isWithheld: false, roundMs: 20 }; // no draft has room there
    expect(told).toEqual([...new Array<PlainOutcome>(7).fill(withheld), last]);
    expect(events.at(-1)).toMatchObject({ statistics: { numDrafted: 0, numRounds: 8 } });
  });

  test("of a run that it asked for, whether the verifier was asked", async () => {
    const numsPlain = [3, 0];
    const { told } = await run({ numPlainTokens: () => numsPlain.shift() ?? 0 });
    const plain = { isWithheld: false, roundMs: 20 };
    expect(told).toEqual([
      { ...plain, isAsked: true },
      { ...plain, isAsked: false },
      { ...plain, isAsked: false },
      { numDrafted: 3, numAccepted: 3, maxDraftLength: 3, draftMs: 9, roundMs: 29 },
      { ...plain, isAsked: true },
    ]);
  });

  test("nothing withheld and nothing waited for, where the drafter had no guess", async () => {
    const { told } = await run({}, () => []);
    expect(told).toEqual(
      new Array<PlainOutcome>(8).fill({ isAsked: true, isWithheld: false, roundMs: 20 }),
    );
  });

  test("a policy that does not care is not told", async () => {
    const { told } = await run({ withholds: () => true, observePlain: undefined as never });
    expect(told).toEqual([]);
  });
});
