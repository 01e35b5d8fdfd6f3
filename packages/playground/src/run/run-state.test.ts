import { expect, test } from "vitest";
import type { Chunk, Guess, Origin } from "../api/wire.ts";
import { idleRun, isRunning, mostKept, nextRunState, type RunState } from "./run-state.ts";
import { statisticsOf } from "./statistics.ts";

const guess = (text: string, entropy = 0.5): Guess => ({ id: 1, text, entropy });

const round = (number: number, draft_tokens: readonly Guess[], num_accepted: number) => ({
  ...{ number, draft_tokens, num_accepted, end_reason: "policy" as const, entropy_threshold: 0.45 },
  ...{ draft_ms: 6, wait_ms: 50, queue_ms: 5, verify_ms: 15 },
});

const token = (text: string, origin: Origin) => ({
  ...{ id: 1, text, origin, entropy: ["accepted", "recovered"].includes(origin) ? 0.5 : null },
});

/** Two rounds: one of three draft tokens of which one is accepted, one accepted whole. */
const chunks: readonly Chunk[] = [
  {
    choices: [{ text: " the" }],
    adaedl: {
      token: token(" the", "accepted"),
      commit: round(0, [guess(" the"), guess(" a"), guess(" ship")], 1),
    },
  },
  { choices: [{ text: " old" }], adaedl: { token: token(" old", "recovered") } },
  {
    choices: [{ text: " man" }],
    adaedl: { token: token(" man", "accepted"), commit: round(1, [guess(" man")], 1) },
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

test("each chunk adds a piece of text, with its token and round", () => {
  const { text, pieces, phase } = runOf(chunks);
  expect({ text, phase }).toEqual({ text: " the old man.", phase: "streaming" });
  expect(pieces.map(({ token: one }) => [one?.origin, one?.roundNumber])).toEqual([
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

test("the figures are the sums over the rounds, as long as the gateway tells none", () => {
  expect(statisticsOf(runOf(chunks))).toEqual({
    ...{ numTokens: 4, numCommits: 2, acceptanceRate: 0.5, networkMs: 30 },
    ...{ targetForwards: 3, tokensPerForward: 4 / 3, durationMs: 40, tokensPerSecond: 100 },
    // Token by token: one forward for the prompt, and four.
    ...{ savedForwards: 2, savedShare: 0.4 },
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
    ...{ numCommits: 3, acceptanceRate: 0.9, targetForwards: 8, tokensPerForward: 0.5 },
    ...{ durationMs: 80, tokensPerSecond: 50 },
    // A prefix that had to be computed again can cost more than was saved.
    ...{ savedForwards: 0, savedShare: 0 },
  });
});

test("before the first token there are no figures", () => {
  const { tokensPerSecond, acceptanceRate, networkMs, tokensPerForward } = statisticsOf(idleRun);
  for (const figure of [tokensPerSecond, acceptanceRate, networkMs, tokensPerForward])
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
  const many = Array.from({ length: mostKept + 5 }, (_, index) => ({
    ...{ choices: [{ text: "x" }] },
    adaedl: { token: token("x", "bonus"), commit: round(index, [], 0) },
  }));
  const { pieces, rounds, text, totals } = runOf(many);
  expect(pieces).toHaveLength(mostKept);
  expect(rounds).toHaveLength(mostKept);
  expect(text).toHaveLength(mostKept + 5);
  expect(totals.numTokens).toBe(mostKept + 5);
});

test("tokens of the target alone come in commits without drafts", () => {
  const alone = (text: string, index: number): Chunk => ({
    choices: [{ text }],
    adaedl: { token: token(text, "autoregressive"), commit: round(index, [], 0) },
  });
  const state = runOf([alone("On", 0), alone("ce", 1), ...chunks]);
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
    adaedl: { token: token(" man", "accepted"), commit: round(0, [], 1) },
  };
  expect(statisticsOf(runOf([chunk])).acceptanceRate).toBe(1);
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
