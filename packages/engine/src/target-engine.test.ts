import { verificationRuleNames } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTinyModels } from "./engine.cases.ts";
import {
  all,
  ask,
  countingForwards,
  engineOn,
  judgeAt,
  openPart,
  partOf,
  play,
  playAlone,
  requestOf,
  wordOf,
} from "./target-engine.cases.ts";
import { openTargetSession } from "./target-session.ts";

const aTop = { tokenId: expect.any(Number), logprob: expect.any(Number) };
const models = createTinyModels();
let thread: ModelThread;
beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", contextLength: 300 });
});
afterAll(() => models.close());

describe.each(verificationRuleNames)("verdicts by %s", (verification) => {
  it.each([
    ["", {}],
    [" with log-probabilities", { wantsLogprobs: true }],
    [" and those of the most probable tokens", { wantsLogprobs: true, numTopLogprobs: 3 }],
  ])("are those of a session with the model to itself%s", async (_, changes) => {
    const part = partOf(3, { verification, ...changes });
    const engine = engineOn(thread);
    await openPart(engine, "s", part);
    const { verdicts, tokenIds } = await play(thread, part, judgeAt(engine, "s"));
    const alone = await playAlone(thread, part);
    expect({ verdicts, tokenIds }).toEqual(alone);
    // Of every kind: nothing, something and everything accepted.
    expect(new Set(verdicts.map(({ numAccepted }) => numAccepted)).size).toBeGreaterThan(2);
    const numLogprobs = verdicts.map(({ logprobs }) => logprobs?.length);
    const expected = verdicts.map(({ numAccepted }) => numAccepted + 1);
    if ("wantsLogprobs" in changes) expect(numLogprobs).toEqual(expected);
    const numTop = verdicts.map(({ topLogprobs = [] }) => topLogprobs.map(({ length }) => length));
    const asked = "numTopLogprobs" in changes;
    expect(numTop).toEqual(expected.map((count) => (asked ? Array(count).fill(3) : [])));
  });

  it("in a plain run are those round by round", async () => {
    const part = partOf(8, { verification, wantsLogprobs: true, numTopLogprobs: 2 });
    const engine = engineOn(thread);
    await openPart(engine, "run", part);
    const answers = await all(engine.verify(requestOf("run", 0, part.prompt, [], 19)));

    await openPart(engine, "rounds", part);
    const sequence = [...part.prompt];
    for (const [round, answer] of answers.entries()) {
      const single = await ask(engine, requestOf("rounds", round, sequence));
      expect(wordOf(answer)).toEqual(wordOf(single));
      sequence.push(single.nextTokenId);
      expect(answer).toMatchObject({ round, committedLength: sequence.length, batchSize: 1 });
    }
    expect(answers).toHaveLength(20);
    for (const { topLogprobs } of answers) expect(topLogprobs).toEqual([Array(2).fill(aTop)]);
    // The run left the session where the rounds did.
    const next = await ask(engine, requestOf("run", 20, sequence));
    expect(wordOf(next)).toEqual(wordOf(await ask(engine, requestOf("rounds", 20, sequence))));
  });
});

describe("a session", () => {
  it("goes on elsewhere from prompt and committed tokens, at the round it had reached", async () => {
    const part = partOf(5);
    const { tokenIds } = await playAlone(thread, part);
    const engine = engineOn(thread);
    await openPart(engine, "s", part, tokenIds.slice(0, 10), 7);
    const sequence = [...part.prompt, ...tokenIds.slice(0, 10)];
    const answers = await all(engine.verify(requestOf("s", 7, sequence, [], 19)));
    expect(answers.map(({ nextTokenId }) => nextTokenId)).toEqual(tokenIds.slice(10, 30));
    expect(answers[0]?.round).toBe(7);
  });

  it("takes a name of its own, also when two are opened at once", async () => {
    const engine = engineOn(thread);
    const opened = await Promise.allSettled(
      [1, 2].map((seed) => openPart(engine, "s", partOf(seed))),
    );
    expect(opened.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(openPart(engine, "s", partOf(3))).rejects.toMatchObject({
      code: "invalid_argument",
      message: 'session_id must not be in use, got "s"',
    });
    engine.close("s");
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
    await openPart(engine, "s", partOf(3));
  });

  it("that is not there, or not any more, is not_found", async () => {
    const engine = engineOn(thread);
    const part = partOf(1);
    const request = requestOf("s", 0, part.prompt);
    const notFound = { code: "not_found", field: "session_id", value: "s" };
    await expect(ask(engine, request)).rejects.toMatchObject(notFound);
    await openPart(engine, "s", part);
    await ask(engine, request);
    engine.close("s");
    engine.close("s");
    await expect(ask(engine, request)).rejects.toMatchObject(notFound);
  });
});

describe("a round asked for twice", () => {
  it("has the same answer once more, without work, and counts once", async () => {
    const part = partOf(2);
    const counting = countingForwards(thread);
    const engine = engineOn(counting.thread);
    await openPart(engine, "s", part);
    const request = requestOf("s", 0, part.prompt);
    const answer = await ask(engine, request);
    const numForwards = counting.numForwards();
    expect(await ask(engine, request)).toEqual(answer);
    expect(counting.numForwards()).toBe(numForwards);
    const sequence = [...part.prompt, answer.nextTokenId];
    const { tokenIds } = await playAlone(thread, part);
    expect(await ask(engine, requestOf("s", 1, sequence))).toMatchObject({
      round: 1,
      nextTokenId: tokenIds[1],
    });
  });

  it("has all the answers of its plain run", async () => {
    const part = partOf(2);
    const engine = engineOn(thread);
    await openPart(engine, "s", part);
    const request = requestOf("s", 0, part.prompt, [], 5);
    const answers = await all(engine.verify(request));
    expect(await all(engine.verify(request))).toEqual(answers);
  });
});

describe("a round that is not the one expected is aborted, and the session goes on:", () => {
  it.each([
    ["an old one", { round: 0 }, "round must be 2, got 0"],
    ["the last one with other guesses", { round: 1 }, "round must be 2, got 1"],
    ["a future one", { round: 3 }, "round must be 2, got 3"],
    ["on a shorter text", { committedLength: 6 }, "committed_length must be 7, got 6"],
    ["on a longer text", { committedLength: 8 }, "committed_length must be 7, got 8"],
    [
      "on another text",
      { committedHash: 99n },
      "committed_hash must be of the text that was committed here, got 99",
    ],
  ])("%s", async (_, changes, message) => {
    const part = { ...partOf(2), prompt: [1, 2, 3, 4, 5] };
    const engine = engineOn(thread);
    await openPart(engine, "s", part);
    const run = await all(engine.verify(requestOf("s", 0, part.prompt, [], 1)));
    const sequence = [...part.prompt, ...run.map(({ nextTokenId }) => nextTokenId)];
    const request = requestOf("s", 2, sequence);
    const [field, value] = Object.entries(changes)[0] as [string, unknown];
    await expect(ask(engine, { ...request, ...changes })).rejects.toMatchObject({
      code: "aborted",
      message,
      field: field.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`),
      value,
    });
    await using alone = await openTargetSession(thread, part.settings);
    expect(await ask(engine, request)).toMatchObject(await alone.judge(sequence, []));
  });

  it("one that is sent before the last one is answered", async () => {
    const part = partOf(2);
    const engine = engineOn(thread);
    await openPart(engine, "s", part);
    const first = all(engine.verify(requestOf("s", 0, part.prompt, [], 3)));
    await expect(ask(engine, requestOf("s", 1, part.prompt))).rejects.toMatchObject({
      code: "aborted",
      message: "round must be sent after the verdict on the last one, got 1",
    });
    expect(await first).toHaveLength(4);
  });
});
