import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNonePolicy } from "../stopping/none.ts";
import { parsePolicy } from "../stopping/parse-policy.ts";
import type { RoundOutcome, StoppingPolicy } from "../stopping/policy.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import { type CommittedToken, type DecodeParts, type DecodeRequest, decode } from "./decode.ts";
import {
  collect,
  createPieceStream,
  createScriptedClock,
  createScriptedDrafter,
  createTextVerifier,
  outputOf,
} from "./scripted-ports.cases.ts";

const prompt = [90, 91];
const text = [10, 11, 12, 13, 14, 15, 16, 17];

type Request = Omit<DecodeRequest, "wantsRounds">;

function requestWith(changes: Partial<Request>): Request {
  return {
    promptTokenIds: prompt,
    contextLength: 1000,
    maxDraftLength: 16,
    maxTokens: 8,
    stopTokenIds: new Set(),
    stopStrings: [],
    ...changes,
  };
}

function partsWith(changes: Partial<DecodeParts>): DecodeParts {
  return {
    verifier: createTextVerifier(text),
    policy: createStaticPolicy(3),
    now: () => 0,
    ...changes,
  };
}

/** A drafter that is right but for the given output places. */
function drafterWrongAt(...places: readonly number[]) {
  return createScriptedDrafter(({ text: { length }, numPromptTokens }) => {
    const start = length - numPromptTokens;
    return Array.from({ length: 20 }, (_, index) => {
      const place = start + index;
      return places.includes(place) ? 999 : (text[place % text.length] as number);
    });
  });
}

function withOutcomes(policy: StoppingPolicy) {
  const outcomes: RoundOutcome[] = [];
  const observe = (outcome: RoundOutcome) => {
    outcomes.push(outcome);
    policy.observe(outcome);
  };
  return { policy: { ...policy, observe }, outcomes };
}

const tokensOf = (events: readonly { type: string }[]) =>
  events.filter((event): event is CommittedToken => event.type === "token");

describe("rounds", () => {
  test("accepted tokens, then the recovered or the bonus token, with the entropies of guesses", async () => {
    const drafter = drafterWrongAt(1, 5);
    const events = await collect(decode(requestWith({}), partsWith({ drafter })));
    expect(tokensOf(events)).toEqual([
      { type: "token", tokenId: 10, origin: "accepted", text: "", entropy: 0.01 },
      { type: "token", tokenId: 11, origin: "recovered", text: "", entropy: 0.999 },
      { type: "token", tokenId: 12, origin: "accepted", text: "", entropy: 0.012 },
      { type: "token", tokenId: 13, origin: "accepted", text: "", entropy: 0.013 },
      { type: "token", tokenId: 14, origin: "accepted", text: "", entropy: 0.014 },
      { type: "token", tokenId: 15, origin: "bonus", text: "" },
      { type: "token", tokenId: 16, origin: "accepted", text: "", entropy: 0.016 },
      { type: "token", tokenId: 17, origin: "bonus", text: "" },
    ]);
    expect(events.at(-1)).toEqual({
      type: "finished",
      finishReason: "length",
      statistics: {
        numRounds: 3,
        numDrafted: 3 + 3 + 1,
        numAccepted: 1 + 3 + 1,
        draftMs: 0,
        verifyMs: 0,
        durationMs: 0,
        fallbackTokens: { draft_context: 0, draft_failed: 0, allowance: 0 },
      },
    });
  });

  test("each begins with everything committed before it", async () => {
    const verifier = createTextVerifier(text);
    const drafter = drafterWrongAt(1, 5);
    await collect(decode(requestWith({}), partsWith({ drafter, verifier })));
    expect(verifier.rounds).toEqual([
      { number: 0, length: 2, guesses: [10, 999, 12] },
      { number: 1, length: 4, guesses: [12, 13, 14] },
      { number: 2, length: 8, guesses: [16] },
    ]);
  });

  test("without a drafter, with policy none or a maxDraftLength of 0 every round is plain", async () => {
    const drafter = drafterWrongAt();
    const plain = [
      partsWith({}),
      partsWith({ drafter, policy: createNonePolicy() }),
      partsWith({ drafter }),
    ];
    for (const [index, parts] of plain.entries()) {
      const request = requestWith(index === 2 ? { maxDraftLength: 0 } : {});
      const events = await collect(decode(request, parts));
      expect(tokensOf(events).map(({ tokenId }) => tokenId)).toEqual(text);
      expect(tokensOf(events).every(({ origin }) => origin === "bonus")).toBe(true);
      expect(events.at(-1)).toMatchObject({ statistics: { numRounds: 8, numDrafted: 0 } });
    }
    expect(drafter.numOpened).toBe(0);
  });

  test("a drafter that ends early makes a shorter draft", async () => {
    const drafter = createScriptedDrafter(({ number }) => (number === 0 ? [10] : []));
    const verifier = createTextVerifier(text);
    const { policy, outcomes } = withOutcomes(createStaticPolicy(3));
    const request = requestWith({ maxTokens: 4 });
    const events = await collect(decode(request, partsWith({ drafter, verifier, policy })));
    expect(verifier.rounds.map(({ guesses }) => guesses)).toEqual([[10], [], []]);
    expect(tokensOf(events).map(({ origin }) => origin)).toEqual([
      "accepted",
      "bonus",
      "bonus",
      "bonus",
    ]);
    // A round that drafted nothing teaches nothing.
    expect(outcomes).toMatchObject([{ numDrafted: 1, numAccepted: 1, maxDraftLength: 3 }]);
  });

  test("the policy is told each round's outcome and how long it could have been", async () => {
    const { policy, outcomes } = withOutcomes(createStaticPolicy(3));
    const drafter = drafterWrongAt(1, 5);
    await collect(decode(requestWith({ maxDraftLength: 2 }), partsWith({ drafter, policy })));
    expect(outcomes).toMatchObject([
      { numDrafted: 2, numAccepted: 1, maxDraftLength: 2 },
      { numDrafted: 2, numAccepted: 2, maxDraftLength: 2 },
      { numDrafted: 2, numAccepted: 0, maxDraftLength: 2 },
      { numDrafted: 1, numAccepted: 1, maxDraftLength: 1 },
    ]);
  });

  test("the request's prompt is left as it was", async () => {
    const promptTokenIds = Object.freeze([...prompt]);
    await collect(decode(requestWith({ promptTokenIds }), partsWith({})));
    expect(promptTokenIds).toEqual(prompt);
  });
});

describe("the end", () => {
  test.each([1, 2, 3, 4, 5, 6, 7])(
    "maxTokens %d is kept to, and never drafted past",
    async (maxTokens) => {
      const verifier = createTextVerifier(text);
      const drafter = drafterWrongAt();
      const events = await collect(
        decode(requestWith({ maxTokens }), partsWith({ drafter, verifier })),
      );
      expect(outputOf(events)).toEqual({
        tokenIds: text.slice(0, maxTokens),
        text: "",
        finishReason: "length",
      });
      for (const { length, guesses } of verifier.rounds)
        expect(length + guesses.length + 1).toBeLessThanOrEqual(prompt.length + maxTokens);
    },
  );

  test("the context length ends the output like maxTokens", async () => {
    const verifier = createTextVerifier(text);
    const request = requestWith({ contextLength: 7, maxTokens: 100 });
    const events = await collect(
      decode(request, partsWith({ drafter: drafterWrongAt(), verifier })),
    );
    expect(outputOf(events)).toMatchObject({
      tokenIds: text.slice(0, 5),
      finishReason: "length",
    });
    for (const { length, guesses } of verifier.rounds)
      expect(length + guesses.length + 1).toBeLessThanOrEqual(7);
  });

  test("a stop token in the middle of an accepted block hides the rest of the block", async () => {
    const request = requestWith({ stopTokenIds: new Set([11]) });
    const events = await collect(decode(request, partsWith({ drafter: drafterWrongAt() })));
    expect(tokensOf(events).map(({ tokenId }) => tokenId)).toEqual([10, 11]);
    expect(events.at(-1)).toMatchObject({
      type: "finished",
      finishReason: "stop",
      statistics: { numRounds: 1, numDrafted: 3, numAccepted: 2 },
    });
  });

  test("whatever is guessed and limited, the output is that of plain decoding", async () => {
    const pieces = ["a", "b", "ab", "c~", " ", "ba"];
    const tokenId = fc.nat(pieces.length - 1);
    const cases = fc.record({
      target: fc.array(tokenId, { minLength: 1, maxLength: 20 }),
      seed: fc.integer(),
      accuracy: fc.constantFrom(0, 0.5, 0.9, 1),
      stopTokenIds: fc.array(tokenId, { maxLength: 1 }).map((ids) => new Set(ids)),
      stopStrings: fc.array(
        fc.string({ unit: fc.constantFrom("a", "b", "c", " "), minLength: 1, maxLength: 4 }),
        { maxLength: 2 },
      ),
      maxTokens: fc.integer({ min: 1, max: 30 }),
      contextLength: fc.integer({ min: 3, max: 40 }),
      maxDraftLength: fc.nat(6),
      policy: fc.constantFrom(
        "static:1",
        "static:5",
        "adaedl:lambda=0.5",
        "adaedl:eps=1,beta2=0",
        "confidence:p-min=0.996",
      ),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ target, seed, accuracy, policy, ...limits }) => {
        const request = requestWith(limits);
        const run = async (parts: Partial<DecodeParts>) => {
          const verifier = createTextVerifier(target);
          const textStream = createPieceStream(pieces);
          const events = await collect(
            decode(request, partsWith({ verifier, textStream, ...parts })),
          );
          return outputOf(events);
        };
        const plain = await run({ policy: createNonePolicy() });

        const random = createTestRandom(seed);
        const drafter = createScriptedDrafter(({ text: { length }, numPromptTokens }) => {
          const start = length - numPromptTokens;
          return Array.from({ length: random.integer(8) }, (_, index) => {
            const right = target[(start + index) % target.length] as number;
            return random.next() < accuracy ? right : random.integer(pieces.length);
          });
        });
        expect(await run({ drafter, policy: parsePolicy(policy) })).toEqual(plain);
        expect(drafter.numClosed).toBe(drafter.numOpened);
      }),
      { numRuns: 500 },
    );
  });
});

describe("statistics", () => {
  test("times are those of the clock that was given", async () => {
    const clock = createScriptedClock();
    const drafter = createScriptedDrafter(() => [10, 11, 12, 13, 14, 15, 16, 17], {
      advance: clock.advance,
      ms: 3,
    });
    const verifier = createTextVerifier(text, { advance: clock.advance, ms: 20 });
    const parts = partsWith({ drafter, verifier, now: clock.now });
    const events = decode(requestWith({ maxTokens: 4 }), parts);
    let last: unknown;
    for await (const event of events) {
      last = event;
      if (event.type === "token") clock.advance(100); // a slow reader is nobody's work
    }
    expect(last).toMatchObject({
      statistics: { numRounds: 1, draftMs: 3 * 3, verifyMs: 20, durationMs: 9 + 20 + 4 * 100 },
    });
  });
});

describe("abort and failure", () => {
  test("an aborted signal stops before any work", async () => {
    const verifier = createTextVerifier(text);
    const drafter = drafterWrongAt();
    const events = decode(requestWith({}), partsWith({ verifier, drafter }), AbortSignal.abort());
    await expect(collect(events)).rejects.toMatchObject({
      code: "cancelled",
      message: "the request was cancelled",
    });
    expect(verifier.rounds).toEqual([]);
    expect(drafter.numOpened).toBe(0);
  });

  test("an abort while tokens are read ends the output before the next round", async () => {
    const controller = new AbortController();
    const verifier = createTextVerifier(text);
    const parts = partsWith({ verifier, drafter: drafterWrongAt() });
    const tokenIds: number[] = [];
    const read = async () => {
      for await (const event of decode(requestWith({}), parts, controller.signal)) {
        if (event.type === "token") tokenIds.push(event.tokenId);
        controller.abort(new DOMException("too late", "TimeoutError"));
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(verifier.rounds).toHaveLength(1);
    expect(tokenIds).toEqual(text.slice(0, 4));
  });

  test("both sides get the signal", async () => {
    const { signal } = new AbortController();
    const verifier = createTextVerifier(text);
    const drafter = drafterWrongAt();
    await collect(decode(requestWith({ maxTokens: 6 }), partsWith({ verifier, drafter }), signal));
    expect(verifier.signals).toEqual([signal, signal]);
    expect(drafter.signals).toEqual([signal, signal]);
  });

  test("a verifier that gives up in the middle of a draft leaves the drafter closed", async () => {
    const drafter = drafterWrongAt();
    const verifier = {
      async verify(_: unknown, draft: AsyncIterable<unknown>): Promise<never> {
        for await (const _ of draft) throw new Error("the target model broke");
        throw new Error("no guess came");
      },
    };
    const events = decode(requestWith({}), partsWith({ drafter, verifier }));
    await expect(collect(events)).rejects.toThrow("the target model broke");
    expect(drafter).toMatchObject({ numOpened: 1, numClosed: 1, numPulled: 1 });
  });

  test("a verifier may answer before the draft is over, and the drafter is closed", async () => {
    const drafter = drafterWrongAt();
    const verifier = {
      async verify(_: unknown, draft: AsyncIterable<unknown>) {
        for await (const _ of draft) break;
        return { numAccepted: 1, nextTokenId: 11 };
      },
    };
    const request = requestWith({ maxTokens: 2 });
    const { policy, outcomes } = withOutcomes(createStaticPolicy(3));
    const events = await collect(decode(request, partsWith({ drafter, verifier, policy })));
    expect(tokensOf(events).map(({ tokenId, origin }) => [tokenId, origin])).toEqual([
      [10, "accepted"],
      [11, "bonus"],
    ]);
    expect(outcomes).toMatchObject([{ numDrafted: 1, numAccepted: 1, maxDraftLength: 1 }]);
    expect(drafter).toMatchObject({ numOpened: 1, numClosed: 1 });
  });

  test("a verifier that reads by hand and gives up leaves the drafter closed", async () => {
    const drafter = drafterWrongAt();
    const verifier = {
      async verify(_: unknown, draft: AsyncIterable<unknown>): Promise<never> {
        await draft[Symbol.asyncIterator]().next();
        throw new Error("the target model broke");
      },
    };
    const events = decode(requestWith({}), partsWith({ drafter, verifier }));
    await expect(collect(events)).rejects.toThrow("the target model broke");
    expect(drafter).toMatchObject({ numOpened: 1, numClosed: 1, numPulled: 1 });
  });

  test("a verdict that accepts more than was drafted is refused", async () => {
    const verifier = { verify: async () => ({ numAccepted: 2, nextTokenId: 11 }) };
    const events = decode(requestWith({}), partsWith({ verifier }));
    await expect(collect(events)).rejects.toMatchObject({
      code: "internal",
      message: "the verifier accepted 2 of 0 guesses in round 0",
    });
  });

  test("a drafter's error ends the output with that error", async () => {
    const drafter = createScriptedDrafter(() => [10, null]);
    const events = decode(requestWith({}), partsWith({ drafter }));
    await expect(collect(events)).rejects.toThrow("the draft model broke");
    expect(drafter).toMatchObject({ numOpened: 1, numClosed: 1 });
  });

  test("a reader that stops reading causes no further round", async () => {
    const verifier = createTextVerifier(text);
    const drafter = drafterWrongAt();
    for await (const _ of decode(requestWith({}), partsWith({ verifier, drafter }))) break;
    expect(verifier.rounds).toHaveLength(1);
    expect(drafter).toMatchObject({ numOpened: 1, numClosed: 1 });
  });
});
