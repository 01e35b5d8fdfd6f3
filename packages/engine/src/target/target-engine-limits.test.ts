import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, verificationRuleNames } from "@adaedl/core";
import type { ModelThread } from "@adaedl/runtime";
import { overflowAfter } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countingSlots, createTinyModels, plainSettings } from "../engine.cases.ts";
import { openerMs } from "./room.ts";
import {
  chainOffer,
  createGate,
  engineOn,
  outputOf,
  readAll,
  rightGuesses,
  scriptedThread,
  startOf,
  tokensOf,
} from "./target-engine.cases.ts";
import type { TargetEngine } from "./target-engine.ts";
import type { TextStart } from "./text-start.ts";

const models = createTinyModels();
let thread: ModelThread;
beforeAll(async () => {
  thread = await models.open("target", { architecture: "llama", contextLength: 300 });
});
afterAll(() => models.close());

/** Nothing is decoded before the edge has said something. */
const rounds = { credit: 0 };

describe("a text is refused", () => {
  const refused = (engine: TargetEngine, changes: Partial<TextStart>) =>
    expect(readAll(engine.open(startOf(1, changes)))).rejects;

  it("that breaks a rule, by name", async () => {
    const { thread, numOpen } = scriptedThread(async () => {});
    const engine = engineOn(thread);
    await refused(engine, { tokenIds: [] }).toMatchObject({
      code: "invalid_argument",
      message: "token_ids must be at least one token, got 0",
    });
    await refused(engine, { maxLength: 4 }).toMatchObject({
      code: "invalid_argument",
      message: "max_length must be more than the 4 tokens there are, got 4",
    });
    await refused(engine, { maxLength: 10_001 }).toMatchObject({
      code: "out_of_range",
      message: "max_length must be at most the target's context of 10000 tokens, got 10001",
    });
    expect(engine.numSessions).toBe(0);
    expect(numOpen()).toBe(0);
  });

  it("whose name is in use, which harms the other one in nothing", async () => {
    const { thread } = scriptedThread(async () => {});
    const engine = engineOn(thread);
    const first = readAll(engine.open(startOf(1)));
    const twice = engine.open(startOf(1));
    await expect(readAll(twice)).rejects.toMatchObject({
      code: "invalid_argument",
      message: 'session_id must not be in use, got "s1"',
    });
    twice.close();
    twice.cancel();
    expect(engine.numSessions).toBe(1);
    expect(tokensOf(await first)).toHaveLength(30);
    expect(tokensOf(await readAll(engine.open(startOf(1))))).toHaveLength(30);
  });

  it("while nobody can make room, with the time to wait", async () => {
    const { thread, numOpen } = scriptedThread(async () => {});
    const engine = engineOn(thread, { maxSessions: 1 });
    engine.open(startOf(1, rounds)); // has had no round yet
    await expect(readAll(engine.open(startOf(2)))).rejects.toMatchObject({
      code: "resource_exhausted",
      retryAfterMs: expect.any(Number),
    });
    expect(engine).toMatchObject({ numSessions: 1, numFreeSlots: 0 });
    expect(engine.hasRoomFor("client")).toBe(false);
    expect(numOpen()).toBe(1);
  });
});

describe("memory", () => {
  it("is waited for, first come, first served, where that is allowed", async () => {
    const { thread } = scriptedThread(async () => {});
    const engine = engineOn(thread, { maxSessions: 1, maxWaiting: 2 });
    const ended: number[] = [];
    const read = async (seed: number) => {
      const messages = await readAll(engine.open(startOf(seed)));
      ended.push(seed);
      return tokensOf(messages);
    };
    const reading = [1, 2, 3].map(read);
    const leaving = engine.open(startOf(4));
    await expect(readAll(leaving)).rejects.toMatchObject({ code: "resource_exhausted" });
    expect(engine.numSessions).toBe(1);
    for (const tokens of await Promise.all(reading)) expect(tokens).toHaveLength(30);
    expect(ended).toEqual([1, 2, 3]);
    expect([engine.numSessions, engine.cacheBytesUsed]).toEqual([0, 0]);
  });

  it("is taken from who waits for its edge, one after the other, by those that wait for room", async () => {
    const { thread } = scriptedThread(async () => {});
    const engine = engineOn(thread, { maxSessions: 2, maxWaiting: 10 });
    const numRounds = Array.from({ length: 5 }, () => 0);
    /** Rounds of one token each; evicted after each of them, as somebody always waits. */
    const decode = async (seed: number) => {
      const { tokenIds } = startOf(seed);
      for (const text = [...tokenIds]; text.length < tokenIds.length + 4; ) {
        const session = engine.open(
          startOf(seed, { tokenIds: [...text], credit: text.length + 1 }),
        );
        await readAll(session, ({ commit }) => {
          numRounds[seed - 1] = (numRounds[seed - 1] ?? 0) + 1;
          text.push(...commit.tokenIds);
          if (text.length >= tokenIds.length + 4) session.close();
        }).catch((error) => expect(error).toMatchObject({ code: "not_found" }));
      }
    };
    await Promise.all([1, 2, 3, 4, 5].map(decode));
    expect(numRounds).toEqual([4, 4, 4, 4, 4]);
    expect(engine.numEvicted).toBeGreaterThan(5);
    expect([engine.numSessions, engine.cacheBytesUsed]).toEqual([0, 0]);
  });

  it("goes to who works: a text that waits for its edge is not_found, and can be opened again", async () => {
    const counting = countingSlots(thread);
    const engine = engineOn(counting.thread, { maxSessions: 1 });
    const start = startOf(1);
    const idle = engine.open({ ...start, credit: start.tokenIds.length + 4 });
    const text = [...start.tokenIds];
    const reading = readAll(idle, ({ commit }) => text.push(...commit.tokenIds));
    await expect.poll(() => engine.hasRoomFor("client")).toBe(true);
    const other = readAll(engine.open(startOf(2)));
    await expect(reading).rejects.toMatchObject({ code: "not_found", field: "session_id" });
    expect(text).toHaveLength(start.tokenIds.length + 4);
    expect(engine).toMatchObject({ numSessions: 1, numEvicted: 1 });
    expect(tokensOf(await other)).toEqual(await outputOf(thread, startOf(2)));
    const rest = await readAll(engine.open({ ...start, tokenIds: text }));
    expect([...text, ...tokensOf(rest)].slice(start.tokenIds.length)).toEqual(
      await outputOf(thread, start),
    );
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
    await expect.poll(counting.numOpen).toBe(0);
  });

  it("of a client that holds more goes to one that holds less, though all its texts work", async () => {
    const { thread } = scriptedThread(async () => {});
    const engine = engineOn(thread, { maxSessions: 2, maxWaiting: 9 });
    const [older, newer, third] = [1, 2, 3].map((seed) =>
      readAll(engine.open(startOf(seed, { client: "many", maxLength: 3_000 }))),
    );
    const few = readAll(engine.open(startOf(4, { client: "few" })));
    await expect(newer).rejects.toMatchObject({ code: "not_found" });
    expect(tokensOf(await few)).toHaveLength(30);
    for (const text of [older, third])
      expect((await text)?.at(-1)).toMatchObject({ reason: "length" });
    expect(engine.numEvicted).toBe(1);
  });

  it("goes on to others where an edge asks for nothing for seconds, however much it drafts", async () => {
    let now = 0;
    const engine = engineOn(scriptedThread(async () => {}).thread, {
      maxSessions: 1,
      now: () => now,
    });
    const start = startOf(1, rounds);
    const opener = engine.open(start);
    const messages = opener.messages[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ type: "opened" });
    const isGiven: boolean[] = [];
    for (; now <= openerMs; now += openerMs / 4) {
      opener.offer(chainOffer(start.tokenIds, 1 + isGiven.length, [{ tokenId: 1 }]));
      isGiven.push(engine.hasRoomFor("client"));
    }
    expect(isGiven).toEqual([false, false, false, false, true]);
    expect(tokensOf(await readAll(engine.open(startOf(2))))).toHaveLength(30);
    await expect(messages.next()).rejects.toMatchObject({ code: "not_found" });
  });

  it("goes on to others where an edge does not read", async () => {
    const engine = engineOn(scriptedThread(async () => {}).thread, { maxSessions: 1 });
    const unread = engine.open(startOf(1, { maxLength: 3_000 }));
    await expect.poll(() => engine.hasRoomFor("client")).toBe(true);
    expect(tokensOf(await readAll(engine.open(startOf(2))))).toHaveLength(30);
    await expect(readAll(unread)).rejects.toMatchObject({ code: "not_found" });
  });

  it("stays with a text that works, and the one that finds no more ends with the time to wait", async () => {
    const { thread } = scriptedThread(async () => {});
    const engine = engineOn(thread, { cacheBytes: 50 });
    const texts = [4, 5].map((seed) => readAll(engine.open(startOf(seed, { maxLength: 40 }))));
    const ended = await Promise.allSettled(texts);
    expect(ended.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const reason = ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : []))[0];
    expect(reason).toMatchObject({ code: "resource_exhausted", retryAfterMs: expect.any(Number) });
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0, numEvicted: 0 });
  });
});

describe("a text ends", () => {
  it.each(["on another text", "with an impossible node"])("by an offer %s", async (what) => {
    const engine = engineOn(scriptedThread(async () => {}).thread);
    const session = engine.open(startOf(1, rounds));
    const reading = readAll(session);
    const isOther = what === "on another text";
    const guess = { tokenId: 1, chance: isOther ? 0.5 : 2 };
    session.offer(chainOffer(isOther ? [9, 9] : startOf(1).tokenIds, 1, [guess]));
    await expect(reading).rejects.toMatchObject(
      isOther
        ? { code: "aborted", field: "offer.base" }
        : { code: "invalid_argument", field: "offer.nodes[0].chance" },
    );
    expect(engine.numSessions).toBe(0);
  });

  /** Brings a session into a state, then does something to it. */
  const states = [
    "waiting for its slot",
    "during its prompt",
    "during a forward",
    "without credit",
  ];
  const ways = ["abort", "close", "cancel"];
  it.each(states.flatMap((state) => ways.map((way) => [state, way] as const)))(
    "%s, by %s, and leaves nothing behind",
    async (state, way) => {
      const gate = createGate();
      const { thread, numOpen, forwards } = scriptedThread(gate.pass);
      const engine = engineOn(thread);
      const controller = new AbortController();
      const start = startOf(1, state === "without credit" ? rounds : {});
      const arrival = gate.arrival();
      const session = engine.open(start, controller.signal);
      const reading = readAll(session);
      if (state !== "waiting for its slot") await arrival;
      if (state === "during a forward") await gate.next();
      if (state === "without credit") {
        gate.open();
        await expect.poll(() => engine.numForwards).toBe(1);
      }
      const numBefore = forwards.length;
      if (way === "abort") controller.abort();
      else if (way === "close") session.close();
      else session.cancel();
      if (way === "abort") await expect(reading).rejects.toMatchObject({ code: "cancelled" });
      else if (way === "cancel") expect((await reading).at(-1)?.type).toBe("finished");
      else expect((await reading).every(({ type }) => type === "opened")).toBe(true);
      expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
      gate.open();
      await expect.poll(numOpen).toBe(0);
      // The name is free again, and the thread goes on.
      expect(tokensOf(await readAll(engine.open(startOf(1))))).toHaveLength(30);
      expect(forwards.length - numBefore).toBe(31);
    },
  );

  it("before it begins when its signal is aborted, or its thread gone", async () => {
    const { thread } = scriptedThread(async () => {});
    const aborted = engineOn(thread).open(startOf(1), AbortSignal.abort());
    await expect(readAll(aborted)).rejects.toMatchObject({ code: "cancelled" });
    const gone = new AdaedlError("unavailable", "the model thread has ended");
    const engine = engineOn({ ...thread, openSlot: () => Promise.reject(gone) });
    await expect(readAll(engine.open(startOf(1)))).rejects.toBe(gone);
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
  });

  it("with its thread: a real one that is closed", async () => {
    const closing = await models.open("closing", { architecture: "llama", contextLength: 300 });
    const engine = engineOn(closing);
    const session = engine.open(startOf(1, { maxLength: 300 }));
    const reading = readAll(session, () => void closing.close());
    await expect(reading).rejects.toMatchObject({ code: "unavailable" });
    expect(engine.numSessions).toBe(0);
  });
});

describe("the model's time", () => {
  const step = { maxTokens: 500, maxSlots: 2 };

  /** Decodes texts side by side, and says in which order they ended. */
  async function race(changes: readonly Partial<TextStart>[]) {
    const ended: number[] = [];
    const engine = engineOn(scriptedThread(async () => {}).thread, { step });
    const texts = changes.map(async (change, index) => {
      await readAll(engine.open(startOf(3, { sessionId: `s${index}`, ...change })));
      ended.push(index);
    });
    await Promise.all(texts);
    return ended;
  }

  it("is shared by clients: one text is not behind another client's many", async () => {
    const ended = await race(
      Array.from({ length: 9 }, (_, index) => ({ client: index < 8 ? "a" : "b" })),
    );
    expect(ended).toHaveLength(9);
    expect(ended[0]).toBe(8);
  });

  it("goes to the text of a client that is most urgent", async () => {
    const deadlines = [undefined, 60_000, 60_000, undefined, 10_000, 60_000];
    const ended = await race(deadlines.map((deadlineMs) => ({ deadlineMs })));
    expect(ended[0]).toBe(4);
  });

  it("is charged for draft tokens: who has many is behind", async () => {
    const gate = createGate();
    const { thread, forwards } = scriptedThread(gate.pass);
    const engine = engineOn(thread, { step: { maxTokens: 500, maxSlots: 1 } });
    const arrival = gate.arrival();
    const sessions = ["greedy", "greedy", "modest", "modest"].map((client, index) =>
      engine.open(startOf(1, { client, sessionId: `s${index}`, tokenIds: [1], maxLength: 200 })),
    );
    const reading = sessions.map((session) => readAll(session));
    for (const session of sessions.slice(0, 2))
      session.offer(chainOffer([1], 1, rightGuesses(1, 8, 1)));
    await arrival;
    for (let count = 0; count < 7; count++) await gate.next();
    expect(forwards.map(([only]) => only?.tokenIds.length)).toEqual([9, 1, 1, 1, 1, 1, 1, 1]);
    expect(new Set(forwards.slice(1).map(([only]) => only?.slotId))).toEqual(new Set([3, 4]));
    gate.open();
    for (const session of sessions) session.cancel();
    await Promise.all(reading);
  });

  it("goes to a long prompt in pieces, between which others decode", async () => {
    const { thread, forwards } = scriptedThread(async () => {});
    const engine = engineOn(thread);
    const tokenIds = Array.from({ length: 900 }, (_, index) => index % 50);
    const long = startOf(1, { tokenIds, maxLength: 903 });
    const messages = await Promise.all(
      [long, startOf(2)].map((start) => readAll(engine.open(start))),
    );
    expect(messages.map((all) => tokensOf(all).length)).toEqual([3, 30]);
    const pieces = forwards.filter((steps) => steps.some(({ tokenIds }) => tokenIds.length > 8));
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.every((steps) => steps.length === 2)).toBe(true);
  });
});

it("a text that nobody reads is not decoded far ahead, whatever its credit", async () => {
  const { thread, forwards } = scriptedThread(async () => {});
  const engine = engineOn(thread);
  const session = engine.open(startOf(2, { maxLength: 250 }));
  await expect.poll(() => forwards.length).toBeGreaterThan(60);
  await sleep(20);
  expect(forwards.length).toBeLessThan(70);
  const tokens = tokensOf(await readAll(session));
  expect(tokens).toHaveLength(250 - startOf(2).tokenIds.length);
});

it.each(verificationRuleNames)(
  "logits that are not numbers end the text that reads them alone, by %s",
  async (verification) => {
    const badToken = 5;
    const options = { architecture: "llama", contextLength: 64 } as const;
    const overflowing = await models.open(`overflowing-${verification}`, options, (tensors) =>
      overflowAfter(badToken, tensors),
    );
    const engine = engineOn(overflowing);
    // At temperature 0 the good ones never write the bad token: they would fail undisturbed.
    const sampling = { ...plainSettings.sampling, temperature: 0 };
    const good = [1, 2].map((seed) => startOf(seed, {}, { sampling }));
    const alone = await Promise.all(good.map((start) => outputOf(overflowing, start)));
    const bad = startOf(3, { tokenIds: [1, 2, badToken], ...rounds }, { sampling, verification });
    const reading = good.map((start) => readAll(engine.open(start)));
    const failing = engine.open(bad);
    failing.offer(chainOffer(bad.tokenIds, 1, [], 4));
    await expect(readAll(failing)).rejects.toMatchObject({
      code: "internal",
      message: "the model returned logits that are not numbers (NaN)",
    });
    expect((await Promise.all(reading)).map(tokensOf)).toEqual(alone);
  },
);
