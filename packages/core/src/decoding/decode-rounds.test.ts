import { describe, expect, test } from "vitest";
import { parsePolicy } from "../stopping/parse-policy.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import { type DecodeParts, type DecodeRequest, decode } from "./decode.ts";
import type { RoundVerdict, TokenLogprob, Verifier } from "./ports.ts";
import type { RoundReport } from "./round-report.ts";
import {
  collect,
  createScriptedClock,
  createScriptedDrafter,
  createTextVerifier,
} from "./scripted-ports.cases.ts";

const text = [10, 11, 12, 13, 14, 15, 16, 17];
const request = {
  promptTokenIds: [90],
  contextLength: 1000,
  maxDraftLength: 16,
  maxTokens: 8,
  stopTokenIds: new Set<number>(),
  stopStrings: [],
};

/** Guesses three tokens, of which the third is wrong. A guess takes 3 ms, a verdict 20. */
function partsWith(changes: Partial<DecodeParts> = {}): DecodeParts {
  const clock = createScriptedClock();
  return {
    drafter: createScriptedDrafter(
      ({ text: { length } }) => [text[length - 1] ?? 0, text[length] ?? 0, 999],
      { advance: clock.advance, ms: 3 },
    ),
    verifier: createTextVerifier(text, { advance: clock.advance, ms: 20 }),
    policy: createStaticPolicy(3),
    now: clock.now,
    ...changes,
  };
}

async function watch(parts: DecodeParts, changes: Partial<DecodeRequest> = {}) {
  const events = await collect(decode({ ...request, ...changes, wantsRounds: true }, parts));
  return { events, rounds: events.filter((event): event is RoundReport => event.type === "round") };
}

/** The verifier, which has more to say. */
function saying(more: (verdict: RoundVerdict) => Partial<RoundVerdict>): Verifier {
  const verifier = createTextVerifier(text);
  return {
    async verify(round, draft, signal) {
      const verdict = await verifier.verify(round, draft, signal);
      return { ...verdict, ...more(verdict) };
    },
  };
}

describe("rounds for who watches", () => {
  test("come before their tokens, with guesses, verdict and times", async () => {
    const { events } = await watch(partsWith());
    expect(events.slice(0, 5)).toEqual([
      {
        ...{ type: "round", number: 0, numAccepted: 2, endReason: "limit" },
        guesses: [
          { tokenId: 10, entropy: 0.01 },
          { tokenId: 11, entropy: 0.011 },
          { tokenId: 999, entropy: 0.999 },
        ],
        ...{ draftMs: 9, waitMs: 20, queueMs: 0, verifyMs: 0 },
      },
      expect.objectContaining({ type: "token", tokenId: 10 }),
      expect.objectContaining({ type: "token", tokenId: 11 }),
      expect.objectContaining({ type: "token", tokenId: 12 }),
      expect.objectContaining({ type: "round", number: 1 }),
    ]);
  });

  test("change nothing about the rest, and do not come where nobody asked", async () => {
    const quiet = await collect(decode(request, partsWith()));
    const { events, rounds } = await watch(partsWith());
    expect(events.filter(({ type }) => type !== "round")).toEqual(quiet);
    expect(rounds).toHaveLength(3);
    expect(rounds.map(({ number }) => number)).toEqual([0, 1, 2]);
  });

  test("say how many were accepted although a stop cut the text before", async () => {
    const { events, rounds } = await watch(partsWith(), { stopTokenIds: new Set([10]) });
    expect(rounds).toMatchObject([{ numAccepted: 2 }]);
    expect(events.at(-1)).toMatchObject({ statistics: { numAccepted: 1 } });
  });

  test("without a draft have no guesses, and no reason for an end", async () => {
    const { rounds } = await watch(partsWith({ drafter: undefined }), { maxTokens: 2 });
    expect(rounds).toHaveLength(2);
    for (const round of rounds) {
      expect(round).toMatchObject({ guesses: [], numAccepted: 0, draftMs: 0, waitMs: 20 });
      expect(round).not.toHaveProperty("endReason");
    }
  });

  test("have the threshold that ended the draft, not the one that the verdict left", async () => {
    const policy = parsePolicy("adaedl:eps=1,beta2=0,max=3");
    const before = policy.entropyThreshold;
    const { rounds } = await watch(partsWith({ policy }));
    expect(rounds[0]?.entropyThreshold).toBe(before);
    expect(before).toBeCloseTo(0.45); // (1 - 0.7)^2 / 0.2
    expect(rounds[1]?.entropyThreshold).toBe(0); // eps = 1: lambda is 1 after a refusal
    expect((await watch(partsWith())).rounds[0]).not.toHaveProperty("entropyThreshold");
  });

  test("have the verifier's times where it tells them", async () => {
    const timing = { queueMs: 1.5, verifyMs: 7 };
    const { rounds } = await watch(partsWith({ verifier: saying(() => ({ timing })) }));
    expect(rounds[0]).toMatchObject(timing);
  });
});

test("each token has the most probable tokens in its place", async () => {
  const topAt = (index: number): TokenLogprob[] => [{ tokenId: index, logprob: -index }];
  const verifier = saying(({ numAccepted }) => ({
    topLogprobs: Array.from({ length: numAccepted + 1 }, (_, index) => topAt(index)),
  }));
  const events = await collect(decode(request, partsWith({ verifier })));
  const tokens = events.filter((event) => event.type === "token");
  expect(tokens.map(({ topLogprobs }) => topLogprobs)).toEqual([0, 1, 2, 0, 1, 2, 0, 1].map(topAt));
  for (const token of await collect(decode(request, partsWith())))
    expect(token).not.toHaveProperty("topLogprobs");
});
