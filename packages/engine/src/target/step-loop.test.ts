import { AdaedlError } from "@adaedl/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StepReport } from "./step-loop.ts";
import {
  chainOffer,
  commitsOf,
  createGate,
  engineOn,
  readAll,
  rightGuesses,
  scriptedThread,
  scriptedToken,
  startOf,
  tokensOf,
} from "./target-engine.cases.ts";
import type { TextStart } from "./text-start.ts";

const scripted = (start: TextStart) =>
  Array.from({ length: start.maxLength - start.tokenIds.length }, (_, index) =>
    scriptedToken(start.tokenIds.length + index),
  );
/** A text of `length` tokens in all, of which one is the prompt. */
const shortStart = (seed: number, length: number, changes: Partial<TextStart> = {}) =>
  startOf(seed, { tokenIds: [1], maxLength: length, ...changes });

describe("a step is planned when it begins:", () => {
  it("draft tokens that arrive during a forward are verified in the next one", async () => {
    const gate = createGate();
    const { thread, forwards } = scriptedThread(gate.pass);
    const arrival = gate.arrival();
    const session = engineOn(thread).open(shortStart(1, 12));
    const reading = readAll(session);
    await arrival;
    expect(forwards[0]?.[0]?.tokenIds).toEqual([1]);
    // The target's token at place 1 is on its way; the edge has guessed it, and three more.
    session.offer(chainOffer([1], 1, rightGuesses(1, 4)));
    await gate.next();
    expect(forwards[1]?.[0]?.tokenIds).toEqual([1, 2, 3, 4].map(scriptedToken));
    gate.open();
    const messages = await reading;
    expect(commitsOf(messages)[1]?.commit).toMatchObject({ numJudged: 3, numAccepted: 3 });
    expect(tokensOf(messages)).toEqual(scripted(shortStart(1, 12)));
  });

  it("texts that are opened together share their first step", async () => {
    const { thread, forwards } = scriptedThread(async () => {});
    const engine = engineOn(thread);
    const reading = [1, 2, 3].map((seed) => readAll(engine.open(shortStart(seed, 5))));
    await Promise.all(reading);
    expect(forwards.map((steps) => steps.length)).toEqual([3, 3, 3, 3]);
    expect(engine.numForwards).toBe(4);
  });

  it("each text has its row, however many draft tokens the others have", async () => {
    const gate = createGate();
    const { thread, forwards } = scriptedThread(gate.pass);
    const engine = engineOn(thread, { step: { maxTokens: 12, maxSlots: 4 } });
    const arrival = gate.arrival();
    const sessions = [1, 2, 3, 4].map((seed) => engine.open(shortStart(seed, 60)));
    const reading = sessions.map((session) => readAll(session));
    await arrival;
    for (const session of sessions.slice(1))
      session.offer(chainOffer([1], 1, rightGuesses(1, 40, 1)));
    await gate.next();
    // 12 rows for four texts: at most three each.
    expect(forwards[1]?.map(({ tokenIds }) => tokenIds.length).toSorted()).toEqual([1, 3, 3, 3]);
    gate.open();
    for (const session of sessions) session.cancel();
    await Promise.all(reading);
  });

  it("no text that has credit is left out, and none runs beyond its credit", async () => {
    const { thread, forwards } = scriptedThread(async () => {});
    const engine = engineOn(thread);
    const session = engine.open(shortStart(1, 40, { credit: 6 }));
    const lengths: number[] = [];
    const reading = readAll(session, ({ commit }) => lengths.push(commit.position + 1));
    await expect.poll(() => lengths).toEqual([2, 3, 4, 5, 6]);
    session.offer({ firstId: 1, nodes: [], credit: 9 });
    await expect.poll(() => lengths.at(-1)).toBe(9);
    expect(forwards).toHaveLength(8);
    session.cancel();
    expect((await reading).at(-1)).toEqual({ type: "finished", reason: "cancelled" });
  });
});

describe("rows", () => {
  afterEach(() => vi.restoreAllMocks());

  /** Rows of a text in a forward, for texts whose draft tokens hold at every other place, on a clock of our own. */
  async function rowsPerText(numSessions: number, chance: number, isRight: boolean) {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const { thread, forwards } = scriptedThread(async (steps) => {
      now += 30 + steps.reduce((total, { tokenIds }) => total + tokenIds.length, 0);
    });
    const engine = engineOn(thread);
    const play = async (seed: number) => {
      const start = shortStart(seed, 100);
      const session = engine.open(start);
      const text = [...start.tokenIds];
      let nextId = 1;
      const offer = () => {
        const guesses = rightGuesses(text.length, 4, chance);
        const isRejected = !isRight || text.length % 2 === 0;
        const nodes = isRejected ? guesses.map((guess) => ({ ...guess, tokenId: 49 })) : guesses;
        session.offer(chainOffer(text, nextId, nodes));
        nextId += nodes.length;
      };
      const messages = await readAll(session, ({ commit }) => {
        text.push(...commit.tokenIds);
        offer();
      });
      expect(tokensOf(messages)).toEqual(scripted(start));
    };
    await Promise.all(Array.from({ length: numSessions }, (_, index) => play(index + 1)));
    const late = forwards.slice(forwards.length / 2).flat();
    return late.reduce((total, { tokenIds }) => total + tokenIds.length, 0) / late.length;
  }

  it("are bounded under load, where a sure row is worth more than a likely one", async () => {
    expect(await rowsPerText(1, 0.12, true)).toBeGreaterThan(1.5);
    expect(await rowsPerText(8, 0.12, true)).toBe(1);
  });

  it("are few for an edge whose draft tokens never hold, whatever it says", async () => {
    expect(await rowsPerText(4, 1, false)).toBeLessThan(1.3);
  });
});

describe("a forward with a price", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => void vi.useRealTimers());
  const ms = (duration: number) => new Promise((resolve) => setTimeout(resolve, duration));

  /** Forwards of a text whose edge offers the next token every 40 ms until the text has `lastOffer` tokens. */
  async function forwardsOf(forwardPriceMs: number, lastOffer: number, others: TextStart[] = []) {
    const { thread, forwards } = scriptedThread(() => ms(10).then(() => {}));
    const reports: StepReport[] = [];
    const engine = engineOn(thread, { forwardPriceMs, onStep: (report) => reports.push(report) });
    const start = shortStart(1, 60);
    const session = engine.open(start);
    let isOver = false;
    const reading = Promise.all([
      readAll(session),
      ...others.map((other) => readAll(engine.open(other))),
    ]).finally(() => {
      isOver = true;
    });
    session.offer(chainOffer([1], 1, rightGuesses(1, 1)));
    for (let now = 0; !isOver; now++) {
      const position = 2 + now / 40;
      if (Number.isInteger(position) && position < lastOffer)
        session.offer({
          ...{ firstId: position, credit: 0 },
          nodes: [{ parent: position - 1, tokenId: scriptedToken(position), chance: 0.9 }],
        });
      await vi.advanceTimersByTimeAsync(1);
    }
    const [messages] = await reading;
    expect(tokensOf(messages ?? [])).toEqual(scripted(start));
    expect(reports.some(({ heldBackMs }) => heldBackMs > 0)).toBe(
      forwardPriceMs > 0 && others.length === 0,
    );
    expect(engine.counts.numJudged).toBeGreaterThan(0);
    return forwards.length;
  }

  it("waits for draft tokens that are on their way, and for no others", async () => {
    expect(await forwardsOf(0, 60)).toBeGreaterThan(55); // of 59 tokens
    expect(await forwardsOf(1_000, 60)).toBeLessThan(40);
    expect(await forwardsOf(1_000, 20)).toBeGreaterThan(45);
  });

  it("waits for nobody while a text is there that gains nothing by it", async () => {
    expect(await forwardsOf(1_000, 60, [shortStart(2, 60)])).toBeGreaterThan(55);
  });
});

describe("a forward that fails", () => {
  it("is tried again text by text, so that one's failure is its own", async () => {
    const { thread } = scriptedThread(async (steps) => {
      if (steps.some(({ tokenIds, keep }) => keep.length === 4 && tokenIds[0] === 7))
        throw new AdaedlError("internal", "the model failed");
    });
    const engine = engineOn(thread);
    const bad = startOf(1, { tokenIds: [3, 3, 3, 3, 7] });
    const good = [2, 3].map((seed) => startOf(seed));
    const failing = readAll(engine.open(bad));
    const reading = good.map((start) => readAll(engine.open(start)));
    await expect(failing).rejects.toMatchObject({ code: "internal", message: "the model failed" });
    expect((await Promise.all(reading)).map(tokensOf)).toEqual(good.map(scripted));
    expect(engine).toMatchObject({ numSessions: 0, cacheBytesUsed: 0 });
  });

  it("because the thread is gone ends every text", async () => {
    const gate = createGate();
    const { thread } = scriptedThread(async () => {
      await gate.pass();
      throw new AdaedlError("unavailable", "the model thread has ended");
    });
    const engine = engineOn(thread);
    const arrival = gate.arrival();
    const waiting = shortStart(1, 9, { credit: 1 });
    const reading = [waiting, shortStart(2, 9)].map((start) => readAll(engine.open(start)));
    await arrival;
    gate.open();
    for (const read of reading) await expect(read).rejects.toMatchObject({ code: "unavailable" });
    expect(engine.numSessions).toBe(0);
  });
});

it("reports each step that is over, and counts what came of it", async () => {
  const reports: StepReport[] = [];
  const { thread } = scriptedThread(async () => {});
  const engine = engineOn(thread, {
    step: { maxTokens: 100, maxSlots: 2 },
    onStep: (report) => reports.push(report),
  });
  const starts = [1, 2, 3].map((seed) => startOf(seed, { maxLength: 30 }));
  await Promise.all(starts.map((start) => readAll(engine.open(start))));
  expect(engine.numForwards).toBe(reports.length);
  expect(reports[0]?.queueMs).toHaveLength(2);
  for (const ms of reports.flatMap(({ queueMs, verifyMs }) => [...queueMs, verifyMs]))
    expect(ms).toBeGreaterThanOrEqual(0);
  const numTokens = starts.reduce((total, { tokenIds }) => total + 30 - tokenIds.length, 0);
  expect(engine.counts).toMatchObject({ numTokens, numBare: numTokens, numVerified: 0 });
});
