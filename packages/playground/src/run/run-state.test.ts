import { expect, test } from "vitest";
import type { Chunk, DraftToken, Origin } from "../api/wire.ts";
import { idleRun, isRunning, mostKept, nextRunState, type RunState } from "./run-state.ts";
import { statisticsOf } from "./statistics.ts";

const draft = (text: string, entropy = 0.5): DraftToken => ({ id: 1, text, entropy });

const commit = (draft_tokens: readonly DraftToken[], num_accepted: number) => ({
  ...{ draft_tokens, num_accepted, draft_ms: 6, wait_ms: 50, queue_ms: 5, verify_ms: 15 },
});

const token = (text: string, origin: Origin) => ({
  ...{ id: 1, text, origin, entropy: ["accepted", "recovered"].includes(origin) ? 0.5 : null },
});

/** Two commits: one of three draft tokens of which one is accepted, one of a draft accepted whole. */
const chunks: readonly Chunk[] = [
  {
    choices: [{ text: " the" }],
    adaedl: {
      token: token(" the", "accepted"),
      commit: commit([draft(" the"), draft(" a"), draft(" ship")], 1),
    },
  },
  { choices: [{ text: " old" }], adaedl: { token: token(" old", "recovered") } },
  {
    choices: [{ text: " man" }],
    adaedl: { token: token(" man", "accepted"), commit: commit([draft(" man")], 1) },
  },
  { choices: [{ text: "." }], adaedl: { token: token(".", "bonus") } },
];

/** The run after the chunks, which arrive 10 ms apart. */
function runOf(all: readonly Chunk[]): RunState {
  let state = nextRunState(idleRun, { type: "started", atMs: 1000 });
  all.forEach((chunk, index) => {
    state = nextRunState(state, { type: "chunk", chunk, atMs: 1010 + 10 * index });
  });
  return state;
}

test("each chunk adds a piece of text, with its token and commit", () => {
  const { text, pieces, phase } = runOf(chunks);
  expect({ text, phase }).toEqual({ text: " the old man.", phase: "streaming" });
  expect(pieces.map(({ token: one }) => [one?.origin, one?.commitNumber])).toEqual([
    ["accepted", 1],
    ["recovered", 1],
    ["accepted", 2],
    ["bonus", 2],
  ]);
});

test("rejected draft tokens stand before the token that took their place, and nowhere else", () => {
  const rejected = runOf(chunks).pieces.map((piece) => piece.rejected.map((one) => one.text));
  expect(rejected).toEqual([[], [" a", " ship"], [], []]);
});

test("the figures are the sums over the commits, as long as the gateway sends none", () => {
  const state = runOf(chunks);
  expect(statisticsOf(state)).toEqual({
    ...{ numTokens: 4, numCommits: 2, acceptanceRate: 0.5, frontierDistance: undefined },
    ...{ targetForwards: 3, forwardsPerToken: 3 / 4, durationMs: 40, tokensPerSecond: 100 },
    savedShare: 0.4, // token by token: one forward for the prompt, and four
  });
  expect(state.totals).toMatchObject({ draftMs: 12, networkMs: 60, queueMs: 10, verifyMs: 30 });
  expect(state.totals.origins).toEqual({
    ...{ accepted: 2, "table-draft": 0, "verifier-draft": 0 },
    ...{ recovered: 1, bonus: 1, autoregressive: 0 },
  });
});

test("the gateway's own figures count more", () => {
  const speculation = {
    ...{ policy: "adaedl", verification: "shared-noise", seed: 7, commits: 3, drafted: 10 },
    ...{ accepted: 9, acceptance_rate: 0.9, target_forwards: 8, duration_ms: 80 },
  };
  const end = { choices: [{ text: "", finish_reason: "stop" }], speculation };
  const state = runOf([...chunks, end, { choices: [], usage: null }]);
  expect(state).toMatchObject({ finishReason: "stop", pieces: { length: 4 } });
  expect(statisticsOf(state)).toMatchObject({
    ...{ numCommits: 3, acceptanceRate: 0.9, targetForwards: 8, forwardsPerToken: 2 },
    ...{ durationMs: 80, tokensPerSecond: 50 },
    // A prefix that had to be computed again can cost more than was saved.
    savedShare: 0,
  });
});

test("draft tokens that only a table had are told apart", () => {
  const by = (drafters: readonly string[]): Chunk => {
    return { adaedl: { token: { ...token("x", "accepted"), drafters } } };
  };
  const { pieces, totals } = runOf([
    by(["model"]),
    by(["model", "suffix"]),
    by(["suffix"]),
    by([]),
  ]);
  expect(pieces.map((piece) => piece.token?.origin)).toEqual([
    ...["accepted", "accepted", "table-draft", "accepted"],
  ]);
  expect(totals.origins).toMatchObject({ accepted: 3, "table-draft": 1 });
});

test("before the first token there are no figures", () => {
  const { tokensPerSecond, acceptanceRate, frontierDistance, forwardsPerToken } =
    statisticsOf(idleRun);
  for (const figure of [tokensPerSecond, acceptanceRate, frontierDistance, forwardsPerToken])
    expect(figure).toBeUndefined();
});

test("a chat's text, and text without details, count as text", () => {
  const state = runOf([{ choices: [{ delta: {} }] }, { choices: [{ delta: { content: "Hi" } }] }]);
  expect(state.text).toBe("Hi");
  expect(state.pieces).toEqual([{ text: "Hi", token: null, rejected: [] }]);
});

test("a token whose text is not yet certain is a piece without text", () => {
  const state = runOf([{ choices: [{ text: "" }], adaedl: { token: token("\ufffd", "bonus") } }]);
  expect(state.pieces).toMatchObject([{ text: "", token: { text: "\ufffd" } }]);
});

test("the text goes on where pieces are no longer kept", () => {
  const many = Array.from({ length: mostKept + 5 }, () => ({
    ...{ choices: [{ text: "x" }] },
    adaedl: { token: token("x", "bonus"), commit: commit([], 0) },
  }));
  const { pieces, text, totals } = runOf(many);
  expect(pieces).toHaveLength(mostKept);
  expect(text).toHaveLength(mostKept + 5);
  expect(totals.numTokens).toBe(mostKept + 5);
});

test("tokens of the target alone come in commits without drafts", () => {
  const alone = (text: string): Chunk => ({
    choices: [{ text }],
    adaedl: { token: token(text, "autoregressive"), commit: commit([], 0) },
  });
  const state = runOf([alone("On"), alone("ce"), ...chunks]);
  expect(state.pieces.map((piece) => [piece.token?.origin, piece.rejected.length])).toEqual([
    ...[
      ["autoregressive", 0],
      ["autoregressive", 0],
    ],
    ...[
      ["accepted", 0],
      ["recovered", 2],
      ["accepted", 0],
      ["bonus", 0],
    ],
  ]);
  expect(statisticsOf(state)).toMatchObject({ numCommits: 4, numTokens: 6, targetForwards: 5 });
});

test("a draft token that was accepted although the edge had given it up counts as verified", () => {
  const chunk = {
    ...chunks[2],
    adaedl: { token: token(" man", "accepted"), commit: commit([], 1) },
  };
  expect(statisticsOf(runOf([chunk])).acceptanceRate).toBe(1);
});

test("the frontier is the latest one, kept where a run is stopped and gone with its end", () => {
  const moved = (distance: number): Chunk => {
    const places = Array.from({ length: distance }, () => [{ id: 1, text: "x", chance: 0.5 }]);
    return { choices: [{ text: "" }], adaedl: { frontier: { distance, places } } };
  };
  const state = runOf([...chunks, moved(4), moved(1)]);
  expect(state.frontier).toMatchObject({ distance: 1, places: { length: 1 } });
  expect(statisticsOf(state)).toMatchObject({ frontierDistance: 2.5, numTokens: 4 });
  expect(state.pieces).toHaveLength(4);
  expect(nextRunState(state, { type: "stopped", atMs: 2000 }).frontier.distance).toBe(1);
  expect(nextRunState(state, { type: "finished", atMs: 2000 }).frontier.distance).toBe(0);
});

test("a run ends once, one way or another, and a new one begins empty", () => {
  const state = runOf(chunks);
  expect(isRunning(state)).toBe(true);
  const failed = nextRunState(state, { type: "failed", message: "Gone.", atMs: 2000 });
  expect(failed).toMatchObject({ phase: "failed", error: "Gone.", text: " the old man." });
  expect(isRunning(failed)).toBe(false);
  expect(isRunning(nextRunState(state, { type: "stopped", atMs: 2000 }))).toBe(false);
  const anew = nextRunState(failed, { type: "started", atMs: 3000 });
  expect(anew).toEqual({ ...idleRun, phase: "sent", startedMs: 3000, nowMs: 3000 });
});
