import { expect, test } from "vitest";
import { SuffixDrafters } from "./suffix-drafters.ts";
import {
  chainOffer,
  commitsOf,
  engineOn,
  readAll,
  rightGuesses,
  scriptedThread,
  scriptedToken,
  startOf,
  tokensOf,
} from "./target-engine.cases.ts";
import type { TargetEngine } from "./target-engine.ts";
import type { TextStart } from "./text-start.ts";

const suffix = { textTokens: 4096, pastTokens: 4096 };

/** An engine whose forwards take 10 ms, and 0.5 ms for each row, of a clock of their own. */
function engineWith(limits = suffix): TargetEngine {
  let now = 0;
  const { thread } = scriptedThread(async (steps) => {
    for (const { tokenIds } of steps) now += 10 + 0.5 * tokenIds.length;
  });
  return engineOn(thread, { suffix: limits, now: () => now });
}

/** A text that repeats itself after 50 tokens. */
function repetitive(session: number, client = "a", changes: Partial<TextStart> = {}): TextStart {
  const tokenIds = [scriptedToken(0), scriptedToken(1)];
  return {
    ...startOf(session, { client, tokenIds, maxLength: 302, ...changes }, { numPromptTokens: 2 }),
    sessionId: `${client}-${session}`,
  };
}

const expected = Array.from({ length: 300 }, (_, at) => scriptedToken(at + 2));

test("a text that repeats itself takes few forwards, without an edge that drafts", async () => {
  const engine = engineWith();
  const messages = await readAll(engine.open(repetitive(1)));
  expect(tokensOf(messages)).toEqual(expected);
  const commits = commitsOf(messages).map(({ commit }) => commit);
  expect(commits.length).toBeLessThan(100);
  for (const { numJudged, numVerifierDrafted = 0 } of commits)
    expect(numVerifierDrafted).toBe(numJudged);
  const { numVerifierDrafted, numVerifierAccepted, numJudged } = engine.counts;
  expect(numVerifierAccepted).toBe(300 - commits.length);
  expect(numVerifierDrafted).toBeGreaterThanOrEqual(numVerifierAccepted);
  expect(numJudged).toBe(0);
});

test.each<[string, TextStart]>([
  ["an edge wants to draft alone", repetitive(1, "a", { edgeDraftsOnly: true })],
  [
    "the rejection rule holds",
    { ...repetitive(1), settings: { ...repetitive(1).settings, verification: "rejection" } },
  ],
])("nothing is drafted beside the target where %s", async (_, start) => {
  const messages = await readAll(engineWith().open(start));
  expect(commitsOf(messages).length).toBe(300);
});

test("nor in rounds, which are verified as they were made", async () => {
  const session = engineWith().open(repetitive(1, "a", { credit: 2 }));
  const text = [scriptedToken(0), scriptedToken(1)];
  let numSent = 0;
  const offerNext = () => {
    const guesses = rightGuesses(text.length, Math.min(2, 301 - text.length));
    session.offer(chainOffer(text, numSent + 1, guesses, text.length + 1));
    numSent += guesses.length;
  };
  offerNext();
  const messages = await readAll(session, ({ commit }) => {
    text.push(...commit.tokenIds);
    offerNext();
  });
  expect(commitsOf(messages).length).toBe(100);
  for (const { commit } of commitsOf(messages)) expect(commit.numVerifierDrafted).toBeUndefined();
});

/** How long the text was when the verifier first drafted for it. */
async function firstDraftAt(engine: TargetEngine, start: TextStart): Promise<number | undefined> {
  const messages = await readAll(engine.open(start));
  expect(tokensOf(messages)).toEqual(expected);
  const commits = commitsOf(messages).map(({ commit }) => commit);
  return commits.find(({ numVerifierDrafted }) => numVerifierDrafted)?.position;
}

test("past answers are drafted from for the same client, and for no other", async () => {
  const engine = engineWith();
  expect(await firstDraftAt(engine, repetitive(1))).toBeGreaterThan(50);
  expect(await firstDraftAt(engine, repetitive(2))).toBeLessThan(20);
  expect(await firstDraftAt(engine, repetitive(1, "b"))).toBeGreaterThan(50);
});

test("nor where none are to be kept", async () => {
  const engine = engineWith({ ...suffix, pastTokens: 0 });
  for (const session of [1, 2])
    expect(await firstDraftAt(engine, repetitive(session))).toBeGreaterThan(50);
});

test("the answers of 32 clients are kept, each for ten minutes after the last one", () => {
  let now = 0;
  const drafters = new SuffixDrafters(suffix, () => now);
  const { text } = { text: { length: 2, tokenIds: [1, 2] } } as never;
  for (let client = 0; client < 40; client++) {
    now += 1000;
    drafters.keep(text, repetitive(1, `c${client}`));
  }
  expect(drafters.numClients).toBe(32);
  now += 595_000;
  drafters.keep(text, repetitive(2, "c39"));
  expect(drafters.numClients).toBe(5);
  now += 600_000;
  drafters.keep(text, repetitive(1, "late"));
  expect(drafters.numClients).toBe(1);
});
