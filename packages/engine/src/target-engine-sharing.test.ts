import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, verificationRuleNames } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countingSlots, createTinyModels } from "./engine.cases.ts";
import {
  ask,
  engineOn,
  type Judge,
  judgeAt,
  openPart,
  partOf,
  play,
  playAlone,
  requestOf,
} from "./target-engine.cases.ts";

const models = createTinyModels();
let thread: ModelThread;
beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", contextLength: 300 });
});
afterAll(() => models.close());

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const bytesOf = (numBlocks: number) => numBlocks * thread.info.rowBlock * thread.info.rowBytes;

describe.each(verificationRuleNames)("many sessions at once, by %s", (verification) => {
  it("get the tokens that each gets alone, and leave nothing behind", async () => {
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread, { step: { maxTokens: 40, maxSlots: 4 } });
    const parts = seeds.map((seed) => partOf(seed, { verification }));
    let largestBatch = 0;
    const played = await Promise.all(
      parts.map(async (part, index) => {
        const sessionId = `s${index}`;
        await openPart(engine, sessionId, part);
        const judge: Judge = async (...round) => {
          const answer = await ask(engine, requestOf(sessionId, ...round));
          largestBatch = Math.max(largestBatch, answer.batchSize);
          return answer;
        };
        const { tokenIds } = await play(thread, part, judge);
        engine.close(sessionId);
        return tokenIds;
      }),
    );
    for (const [index, part] of parts.entries())
      expect(played[index]).toEqual((await playAlone(thread, part)).tokenIds);
    expect(largestBatch).toBeGreaterThan(1);
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0, numEvicted: 0 });
    await expect.poll(counting.numOpen).toBe(0);
  });

  it("get them too when they take the memory from each other and come back", async () => {
    const cacheBytes = bytesOf(2);
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread, { cacheBytes });
    let mostUsed = 0;

    /** A client that brings its prefix whenever it is asked to. */
    async function persist(sessionId: string, part: ReturnType<typeof partOf>) {
      const judge: Judge = async (round, sequence, guesses) => {
        for (;;) {
          try {
            mostUsed = Math.max(mostUsed, engine.cacheBytesUsed);
            return await judgeAt(engine, sessionId)(round, sequence, guesses);
          } catch (error) {
            if (!(error instanceof AdaedlError && error.code === "not_found")) throw error;
          }
          try {
            const committed = sequence.slice(part.prompt.length);
            await openPart(engine, sessionId, part, committed, round);
          } catch (error) {
            if (!(error instanceof AdaedlError && error.code === "resource_exhausted")) throw error;
            await sleep(1);
          }
        }
      };
      const { tokenIds } = await play(thread, part, judge);
      engine.close(sessionId);
      return tokenIds;
    }

    const parts = seeds.slice(0, 5).map((seed) => partOf(seed, { verification }));
    const played = await Promise.all(parts.map((part, index) => persist(`s${index}`, part)));
    for (const [index, part] of parts.entries())
      expect(played[index]).toEqual((await playAlone(thread, part)).tokenIds);
    expect(engine.numEvicted).toBeGreaterThan(5);
    expect(mostUsed).toBe(cacheBytes);
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
    await expect.poll(counting.numOpen).toBe(0);
  });
});

describe("memory", () => {
  it("goes to who works: the longest idle session is not_found afterwards", async () => {
    const engine = engineOn(thread, { maxSessions: 2 });
    const [first, second, third] = [partOf(1), partOf(2), partOf(3)];
    for (const [index, part] of [first, second].entries()) {
      await openPart(engine, `s${index}`, part);
      await ask(engine, requestOf(`s${index}`, 0, part.prompt));
    }
    await openPart(engine, "s2", third);
    expect(engine).toMatchObject({ numSessions: 2, numEvicted: 1 });
    await expect(ask(engine, requestOf("s0", 1, first.prompt))).rejects.toMatchObject({
      code: "not_found",
    });
    await ask(engine, requestOf("s2", 0, third.prompt));
    expect(engine.numSessions).toBe(2);
  });

  it("stays with a session while it works, and goes once it has its answers", async () => {
    const engine = engineOn(thread, { maxSessions: 1 });
    const part = partOf(1);
    await openPart(engine, "s", part);
    await ask(engine, requestOf("s", 0, part.prompt));
    const { tokenIds } = await playAlone(thread, part);
    const sequence = [...part.prompt, ...tokenIds.slice(0, 1)];
    const run = engine.verify(requestOf("s", 1, sequence, [], 10));
    await run.next();
    await expect(openPart(engine, "other", partOf(2))).rejects.toMatchObject({
      code: "resource_exhausted",
      message: "1 sessions are at work",
    });
    let numMore = 0;
    for await (const { nextTokenId } of run) expect(nextTokenId).toBe(tokenIds[2 + numMore++]);
    expect(numMore).toBe(10);
    await openPart(engine, "other", partOf(2));
    expect(engine.numEvicted).toBe(1);
  });

  it("is refused, with the time to wait, while nobody can make room; nothing is left of it", async () => {
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread, { cacheBytes: bytesOf(1) });
    await openPart(engine, "s", partOf(1)); // has had no round yet
    await expect(openPart(engine, "other", partOf(2))).rejects.toMatchObject({
      code: "resource_exhausted",
      retryAfterMs: expect.any(Number),
    });
    expect(engine).toMatchObject({ numSessions: 1, cacheBytesUsed: bytesOf(1), numEvicted: 0 });
    expect(counting.numOpen()).toBe(1);
  });

  it("comes back from a session that could not be opened", async () => {
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread);
    const part = { ...partOf(1), prompt: new Array<number>(302).fill(7) };
    await expect(openPart(engine, "s", part)).rejects.toMatchObject({ code: "out_of_range" });
    const controller = new AbortController();
    const { settings } = part;
    const start = { sessionId: "t", client: "client", settings, sequence: [1, 2, 3], nextRound: 0 };
    const opening = engine.open(start, controller.signal);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: "cancelled" });
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
    await expect.poll(counting.numOpen).toBe(0);
  });

  it("comes back from a session that is closed while it is opened, or while it works", async () => {
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread);
    const part = partOf(1);
    const opening = openPart(engine, "s", part);
    engine.close("s");
    await expect(opening).rejects.toMatchObject({ code: "not_found" });

    await openPart(engine, "s", part);
    const run = engine.verify(requestOf("s", 0, part.prompt, [], 20));
    await run.next();
    engine.close("s");
    await expect(run.next()).rejects.toMatchObject({ code: "not_found" });
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
    await expect.poll(counting.numOpen).toBe(0);
  });
});
