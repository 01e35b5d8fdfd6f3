import { type Round, Text } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { createTestRandom } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DraftSession, openDraftSession } from "./draft-session.ts";
import { createTinyModels, plainSettings } from "./engine.cases.ts";

const contextLength = 64;
const models = createTinyModels();
let thread: ModelThread;
const random = createTestRandom(5);

beforeAll(async () => {
  thread = await models.open("draft", { architecture: "llama", seed: 3, contextLength });
});
afterAll(() => models.close());

const roundOf = (sequence: readonly number[]): Round => ({
  number: 0,
  text: new Text(sequence),
  numPromptTokens: 1,
  numPlainTokens: 0,
});

async function draftTokens(session: DraftSession, sequence: readonly number[], length: number) {
  const tokens: { tokenId: number; position: number; entropy: number }[] = [];
  for await (const { tokenId, position, entropy } of session.draft(roundOf(sequence))) {
    tokens.push({ tokenId, position, entropy });
    if (tokens.length >= length) break;
  }
  return tokens;
}

/** What a session that has never seen another round drafts after this sequence. */
async function freshDraft(sequence: readonly number[], length: number) {
  await using session = await openDraftSession(thread, plainSettings);
  return await draftTokens(session, sequence, length);
}

/** A sequence for the next round, in which the first `numAccepted` guesses turned out true. */
async function afterRound(
  session: DraftSession,
  sequence: readonly number[],
  length: number,
  numAccepted: number,
) {
  const guesses = (await draftTokens(session, sequence, length)).map((token) => token.tokenId);
  const next = random.integer(thread.info.vocabSize);
  return [...sequence, ...guesses.slice(0, numAccepted), next];
}

const prompt = Array.from({ length: 9 }, () => random.integer(250));

describe("the draft continues the true sequence, as if it had never guessed anything else", () => {
  it.each([
    ["full acceptance", 4, 4],
    ["partial acceptance", 4, 2],
    ["no acceptance", 4, 0],
    ["a draft of one that was accepted", 1, 1],
    ["a draft of one that was refused", 1, 0],
  ])("after %s", async (_, length, numAccepted) => {
    await using session = await openDraftSession(thread, plainSettings);
    const sequence = await afterRound(session, prompt, length, numAccepted);
    expect(await draftTokens(session, sequence, 5)).toEqual(await freshDraft(sequence, 5));
  });

  it("after rounds of any kind in any order", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    let sequence: readonly number[] = prompt;
    while (sequence.length < contextLength - 8) {
      const length = 1 + random.integer(6);
      sequence = await afterRound(session, sequence, length, random.integer(length + 1));
      expect(await draftTokens(session, sequence, 2)).toEqual(await freshDraft(sequence, 2));
    }
  });

  it("after rounds it was not asked to draft in", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    await draftTokens(session, prompt, 3);
    const sequence = [...prompt, 7, 8, 9, 10, 11];
    expect(await draftTokens(session, sequence, 3)).toEqual(await freshDraft(sequence, 3));
  });

  it("after the sequence was cut in the middle of what was accepted (a stop inside the block)", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    const sequence = await afterRound(session, prompt, 5, 5);
    const cut = sequence.slice(0, prompt.length + 2);
    expect(await draftTokens(session, cut, 3)).toEqual(await freshDraft(cut, 3));
  });

  it("after a draft that was aborted half way", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    const controller = new AbortController();
    const aborted = (async () => {
      for await (const _ of session.draft(roundOf(prompt), controller.signal)) controller.abort();
    })();
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    const sequence = [...prompt, 42];
    expect(await draftTokens(session, sequence, 3)).toEqual(await freshDraft(sequence, 3));
  });
});

describe("work", () => {
  it("is one forward per guess, the missing tokens of the last round included", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    const sequence = await afterRound(session, prompt, 4, 4);
    expect(session.numForwards).toBe(4);
    await draftTokens(session, sequence, 3);
    expect(session.numForwards).toBe(7);
  });
});

describe("the draft's own context limit", () => {
  it("shortens the draft", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    const sequence = Array.from({ length: contextLength - 3 }, (_, index) => index % 250);
    const positions = (await draftTokens(session, sequence, 10)).map((token) => token.position);
    expect(positions).toEqual([contextLength - 3, contextLength - 2, contextLength - 1]);
  });

  it("drafts nothing for a longer sequence, without an error", async () => {
    await using session = await openDraftSession(thread, plainSettings);
    const sequence = Array.from({ length: contextLength + 5 }, (_, index) => index % 250);
    expect(await draftTokens(session, sequence, 10)).toEqual([]);
  });
});

describe("tokens that only the target has", () => {
  const numDraftTokenIds = 100;
  const settings = { ...plainSettings, numDraftTokenIds };

  it("are read as the last one that both have", async () => {
    await using session = await openDraftSession(thread, settings);
    const drafted = await draftTokens(session, [1, 100, thread.info.vocabSize + 7, 2], 3);
    expect(drafted).toHaveLength(3);
    expect(await draftTokens(session, [1, 99, 99, 2], 3)).toEqual(drafted);
  });

  it.each(["shared-noise", "rejection"] as const)(
    "are never drafted (%s)",
    async (verification) => {
      for (let seed = 0; seed < 5; seed++) {
        const sampling = { ...plainSettings.sampling, temperature: 2 };
        const hot = { ...settings, sampling, seed, verification };
        await using session = await openDraftSession(thread, hot);
        let numDrafted = 0;
        for await (const { tokenId, distribution } of session.draft(roundOf(prompt))) {
          expect([tokenId, ...(distribution?.tokenIds ?? [])].every((id) => id < 100)).toBe(true);
          if (++numDrafted === 8) break;
        }
        expect(numDrafted).toBe(8);
      }
    },
  );

  it("end the draft where nothing else would be drafted", async () => {
    const known = prompt.map((tokenId) => tokenId % 8); // below every limit here
    const sampling = { ...plainSettings.sampling, temperature: 0 };
    const firstToken = async (numDraftTokenIds?: number) => {
      const limited = { ...plainSettings, sampling, numDraftTokenIds };
      await using session = await openDraftSession(thread, limited);
      return (await draftTokens(session, known, 1))[0]?.tokenId;
    };
    const best = (await firstToken()) ?? 0;
    expect(best).toBeGreaterThan(8);
    expect(await firstToken(best + 1)).toBe(best);
    expect(await firstToken(best)).toBeUndefined();
  });
});

it("refuses to go on when the text changes under a running draft", async () => {
  await using session = await openDraftSession(thread, plainSettings);
  const round = roundOf(prompt);
  const draft = (async () => {
    for await (const _ of session.draft(round)) round.text.append(1);
  })();
  await expect(draft).rejects.toThrow("the text grew from 9 to 10 tokens during round 0");
});
