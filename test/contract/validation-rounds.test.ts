import type { EndOfDraft, VerifyRequest } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  besideOther,
  endOf,
  guessOf,
  idle,
  openOf,
  prompt,
  refusalOf,
  talkTo,
  writePlainly,
} from "./validation.cases.ts";

// What is wrong with a round: the session ends, and nobody else notices.

let verifier: RunningVerifier;
let text: number[];
beforeAll(async () => {
  verifier = await startTestVerifier({ maxDraftLength: 4 });
  text = await writePlainly(verifier, 400);
});
afterAll(() => verifier?.close());
afterEach(() => expect.poll(() => verifier.status()).toMatchObject(idle));

const at = prompt.length;
const invalid = (field: string, value: unknown) => ({
  code: "invalid_argument",
  field,
  value: String(value),
});
const aborted = (field: string, value: unknown) => ({ ...invalid(field, value), code: "aborted" });

type Case = [name: string, round: VerifyRequest[], error: ReturnType<typeof invalid>];

const drafts: Case[] = [
  ["a guess beyond the vocabulary", [guessOf(at, 4096)], invalid("draft_token[0].token_id", 4096)],
  [
    "a negative guess, behind good ones",
    [guessOf(at, 1), guessOf(at + 1, 1), guessOf(at + 2, -1)],
    invalid("draft_token[2].token_id", 2 ** 32 - 1),
  ],
  [
    "a draft that is longer than allowed",
    [0, 1, 2, 3, 4].map((index) => guessOf(at + index, 1)),
    invalid("draft", "5 tokens"),
  ],
  ...[Number.NaN, -0.5, Number.POSITIVE_INFINITY].map((entropy): Case => {
    const name = `an entropy of ${entropy}`;
    return [name, [guessOf(at, 1, { entropy })], invalid("draft_token.entropy", entropy)];
  }),
  [
    "a gap between guesses",
    [guessOf(at, 1), guessOf(at + 2, 1)],
    aborted("draft_token[1].position", at + 2),
  ],
  [
    "a guess behind the context's end",
    [guessOf(512, 1)],
    { ...invalid("draft_token[0].position", 512), code: "out_of_range" },
  ],
  [
    "guesses that do not follow the text",
    [guessOf(at + 1, 1), endOf(0, prompt)],
    aborted("draft_token[0].position", at + 1),
  ],
  [
    "guesses of two rounds",
    [guessOf(at, 1), guessOf(at + 1, 1, {}, 1)],
    aborted("draft_token[1].round", 1),
  ],
  [
    "guesses of another round than their end",
    [guessOf(at, 1, {}, 1), endOf(0, prompt)],
    aborted("end_of_draft.round", 0),
  ],
];

const rounds: Case[] = (
  [
    ["a future round", { round: 1 }, ["round", 1]],
    ["another text", { committedHash: 5n }, ["committed_hash", 5n]],
    ["a shorter text", { committedLength: 4 }, ["committed_length", 4]],
    ["a longer text", { committedLength: 6 }, ["committed_length", 6]],
  ] as const satisfies [string, Partial<EndOfDraft>, [string, unknown]][]
).map(([name, changes, [field, value]]) => [
  name,
  [endOf(0, prompt, changes)],
  aborted(field, value),
]);

describe("a session ends for", () => {
  test.each([...drafts, ...rounds])("%s", async (_, round, refusal) => {
    const error = await besideOther(verifier, text, () =>
      refusalOf(verifier, openOf(verifier), ...round),
    );
    expect(error).toMatchObject(refusal);
    expect(error.message).toContain(refusal.field);
  });

  test("an old round, which is told the one expected", async () => {
    const sequence = [...prompt, ...text.slice(0, 2)];
    const error = await besideOther(verifier, text, () =>
      refusalOf(
        verifier,
        openOf(verifier),
        endOf(0, prompt, { numPlainTokens: 1 }),
        endOf(2, sequence),
        endOf(1, sequence),
      ),
    );
    expect(error).toMatchObject({ code: "aborted", message: "round must be 3, got 1" });
  });

  test.each([
    ["more plain tokens than fit", { numPlainTokens: 10 }, []],
    ["more guesses than fit", { numPlainTokens: 8 }, [guessOf(at, 1), guessOf(at + 1, 1)]],
  ])("%s", async (_, changes, guesses) => {
    const open = openOf(verifier, { maxTokens: 10 });
    const messages = [open, ...guesses, endOf(0, prompt, changes)];
    const error = await besideOther(verifier, text, () => refusalOf(verifier, ...messages));
    expect(error).toMatchObject({ code: "out_of_range", value: String(at + 11) });
  });
});

test("a round that is sent twice has the same answer twice, and counts once", async () => {
  await besideOther(verifier, text, async () => {
    using talk = talkTo(verifier);
    await talk.send(openOf(verifier));
    await talk.expect("opened");
    const round = [guessOf(at, text[0] as number), guessOf(at + 1, 0), endOf(0, prompt)];
    await talk.send(...round, ...round);
    const verdict = await talk.expect("verdict");
    expect(verdict).toMatchObject({ round: 0, numAccepted: 1, nextTokenId: text[1] });
    expect(await talk.expect("verdict")).toEqual(verdict);
    await talk.send(endOf(1, [...prompt, ...text.slice(0, 2)]));
    expect(await talk.expect("verdict")).toMatchObject({ round: 1, nextTokenId: text[2] });
  });
});
