import { describe, expect, test } from "vitest";
import { createNonePolicy } from "../stopping/none.ts";
import { createStaticPolicy } from "../stopping/static.ts";
import { type DecodeFinished, type DecodeParts, type DecodeRequest, decode } from "./decode.ts";
import type { Drafter, Round, Verifier } from "./ports.ts";
import { collect, createScriptedDrafter, createTextVerifier } from "./scripted-ports.cases.ts";

// What a verifier far away says with its verdicts, and what it is told of rounds to come.
const text = Array.from({ length: 100 }, (_, index) => 10 + index);
const prompt = [90, 91];

const rightDrafter = () =>
  createScriptedDrafter(({ text: { length } }) => text.slice(length - prompt.length));

/** A right drafter that cannot go on from so many tokens. */
function drafterFullAt(length: number): Drafter {
  return {
    ...rightDrafter(),
    obstacle: (tokenIds) => (tokenIds.length >= length ? "draft_context" : undefined),
  };
}

/** The text's verifier, which says so long drafts are welcome after each round. */
function verifierAllowing(allowanceAfter: (round: number) => number | undefined) {
  const inner = createTextVerifier(text);
  const announced: number[] = [];
  const verifier: Verifier = {
    async verify(round: Round, draft, signal) {
      announced.push(round.numPlainTokens);
      const verdict = await inner.verify(round, draft, signal);
      return { ...verdict, maxDraftLength: allowanceAfter(round.number) };
    },
  };
  const draftLengths = () => inner.rounds.map(({ guesses }) => guesses.length);
  return { verifier, announced, draftLengths };
}

async function run(parts: Partial<DecodeParts>, request: Partial<DecodeRequest> = {}) {
  const all: DecodeParts = {
    drafter: rightDrafter(),
    verifier: createTextVerifier(text),
    policy: createStaticPolicy(3),
    now: () => 0,
    ...parts,
  };
  const events = await collect(
    decode(
      {
        promptTokenIds: prompt,
        contextLength: 1000,
        maxDraftLength: 16,
        maxTokens: 40,
        stopTokenIds: new Set(),
        stopStrings: [],
        ...request,
      },
      all,
    ),
  );
  const tokens = events.filter((event) => event.type === "token");
  const { statistics } = events.at(-1) as DecodeFinished;
  return { tokens, statistics };
}

const noFallback = { draft_context: 0, draft_failed: 0, allowance: 0 };

describe("the verifier's allowance", () => {
  test("caps drafts from the next round on", async () => {
    const { verifier, draftLengths } = verifierAllowing((round) => [2, 1, 7][round] ?? 7);
    const { tokens } = await run({ verifier }, { maxTokens: 13 });
    expect(draftLengths()).toEqual([3, 2, 1, 3]);
    expect(tokens.map(({ tokenId }) => tokenId)).toEqual(text.slice(0, 13));
  });

  test("changes nothing while the verifier does not speak of it", async () => {
    const { verifier, draftLengths } = verifierAllowing((round) => (round === 0 ? 1 : undefined));
    await run({ verifier }, { maxTokens: 10 });
    expect(draftLengths()).toEqual([3, 1, 1, 1]);
  });

  test("of 0 has 16 tokens decoded plainly, then drafts again where it may", async () => {
    const { verifier, announced, draftLengths } = verifierAllowing((round) => (round < 8 ? 0 : 3));
    const { tokens, statistics } = await run({ verifier });
    expect(draftLengths()).toEqual([3, ...new Array(16).fill(0), 3, 3, 3, 3, 3]);
    expect(announced.slice(0, 4)).toEqual([0, 15, 14, 13]);
    expect(statistics.fallbackTokens).toEqual({ ...noFallback, allowance: 16 });
    expect(tokens.map(({ tokenId }) => tokenId)).toEqual(text.slice(0, 40));
  });

  test("of 0 is no fallback for a policy that never drafts", async () => {
    const { verifier, announced } = verifierAllowing(() => 0);
    const { statistics } = await run({ verifier, policy: createNonePolicy() }, { maxTokens: 5 });
    expect(statistics.fallbackTokens).toEqual(noFallback);
    expect(announced).toEqual([4, 3, 2, 1, 0]);
  });
});

describe("fallback tokens", () => {
  test("are those after the draft's context was full", async () => {
    const drafter = drafterFullAt(prompt.length + 8);
    const { tokens, statistics } = await run({ drafter });
    expect(statistics.fallbackTokens).toEqual({ ...noFallback, draft_context: 32 });
    expect(tokens.filter(({ origin }) => origin === "accepted")).toHaveLength(6);
    expect(tokens).toHaveLength(40);
  });

  test("are none where the policy drafts to the end, or was never asked to", async () => {
    for (const parts of [{}, { drafter: undefined }, { policy: createNonePolicy() }])
      expect((await run(parts)).statistics.fallbackTokens).toEqual(noFallback);
  });
});

describe("log-probabilities", () => {
  test("reach the tokens they belong to, refused guesses left out", async () => {
    const inner = createTextVerifier(text);
    const verifier: Verifier = {
      async verify(round, draft, signal) {
        const verdict = await inner.verify(round, draft, signal);
        const start = round.text.length - prompt.length;
        const logprobs = Array.from({ length: verdict.numAccepted + 1 }, (_, i) => -(start + i));
        return { ...verdict, logprobs };
      },
    };
    const drafter = createScriptedDrafter(({ text: { length } }) => {
      const start = length - prompt.length;
      return [text[start] as number, 999, text[start + 2] as number];
    });
    const { tokens } = await run({ drafter, verifier }, { maxTokens: 9 });
    expect(tokens.map(({ logprob }) => logprob)).toEqual(tokens.map((_, index) => -index));
    expect(new Set(tokens.map(({ origin }) => origin))).toEqual(
      new Set(["accepted", "recovered", "bonus"]),
    );
  });

  test("are absent where the verifier has none", async () => {
    const { tokens } = await run({});
    expect(tokens.some((token) => "logprob" in token)).toBe(false);
  });
});
