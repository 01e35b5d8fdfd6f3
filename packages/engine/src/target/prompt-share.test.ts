import { afterEach, describe, expect, it, vi } from "vitest";
import { longestPiece } from "../prompt-pace.ts";
import { createPromptShare } from "./prompt-share.ts";
import { engineOn, readAll, scriptedThread, startOf } from "./target-engine.cases.ts";

afterEach(() => vi.restoreAllMocks());

/** What a forward takes: of its base, of each row, and of each cached row of a prompt that a piece reads. */
interface Model {
  readonly base: number;
  readonly row: number;
  readonly cached?: number;
}

const promptLength = 1_500;

/**
 * Texts decode; after a while prompts come in.
 * @returns the times between tokens before and beside the prompts, and how long the prompts took
 */
async function play({ base, row, cached = 0 }: Model, { numTexts = 1, numPrompts = 1 } = {}) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const { thread } = scriptedThread(async (steps) => {
    now += base;
    for (const { keep, tokenIds, reads } of steps)
      now += row * tokenIds.length + (reads.length === 0 ? cached * keep.length : 0);
  });
  const engine = engineOn(thread);
  const promptsFrom = 50;
  let numPrefilling = 0;
  let numGiven = 0;
  const before: number[] = [];
  const beside: number[] = [];
  const prompt = async (seed: number) => {
    numPrefilling++;
    const tokenIds = Array.from({ length: promptLength }, (_, index) => (index + seed) % 50);
    const start = startOf(1_000 + seed, { tokenIds, maxLength: promptLength + 1, client: "other" });
    const openedAt = now;
    let openedAfter = 0;
    await readAll(engine.open(start), () => {
      openedAfter = now - openedAt;
    });
    numPrefilling--;
    return openedAfter;
  };
  const prompts: Promise<number>[] = [];
  const texts = Array.from({ length: numTexts }, (_, seed) => {
    const session = engine.open(startOf(seed, { tokenIds: [1], maxLength: 9_000 }));
    let lastAt: number | undefined;
    return readAll(session, () => {
      if (lastAt !== undefined) (numPrefilling > 0 ? beside : before).push(now - lastAt);
      lastAt = now;
      if (seed > 0) return;
      if (++numGiven === promptsFrom)
        for (let index = 0; index < numPrompts; index++) prompts.push(prompt(index));
      if (numGiven > promptsFrom && numPrefilling === 0) session.cancel();
    });
  });
  await texts[0];
  const took = await Promise.all(prompts);
  return { before, beside, took };
}

const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] as number;

/** What a prompt takes alone, in the longest pieces. */
function aloneMs({ base, row, cached = 0 }: Model, length: number) {
  const numPieces = Math.ceil(length / longestPiece);
  return numPieces * base + length * row + (cached * length * (numPieces - 1)) / 2;
}

const float32: Model = { base: 13, row: 0.8 };
const models: readonly [string, Model][] = [
  ["float32", float32],
  ["a fast model", { base: 2.4, row: 0.3 }],
  ["int4, whose rows are dear", { base: 3, row: 5 }],
  ["a model whose rows cost little", { base: 30, row: 0.1 }],
];

describe("prompts beside texts that decode", () => {
  it.each(models)("less than double the time between tokens: %s", async (_, model) => {
    const { before, beside, took } = await play(model);
    expect(beside.length).toBeGreaterThan(10);
    expect(percentile(beside, 0.95)).toBeLessThan(2 * percentile(before, 0.5));
    expect(took[0]).toBeLessThan(3 * aloneMs(model, promptLength));
  });

  it("are computed in the longest pieces as soon as no text is open any more", async () => {
    const { thread, forwards } = scriptedThread(async () => {});
    const engine = engineOn(thread);
    const prompt = Array.from({ length: 100 }, (_, index) => index % 50);
    const lengths: number[] = [];
    for (const seed of [1, 2, 3]) {
      const before = forwards.length;
      await readAll(engine.open(startOf(seed, { tokenIds: prompt, maxLength: 120 })));
      lengths.push(forwards.length - before);
    }
    expect(lengths.slice(1)).toEqual([21, 21]);
  });

  it("are computed where a clock sees no time pass", async () => {
    const { took } = await play({ base: 0, row: 0 });
    expect(took).toEqual([0]);
  });

  it("share what one would get, and leave each of several texts its row", async () => {
    const { before, beside, took } = await play(float32, { numTexts: 4, numPrompts: 3 });
    expect(percentile(beside, 0.95)).toBeLessThan(2 * percentile(before, 0.5));
    expect(Math.max(...took)).toBeLessThan(3 * 3 * aloneMs(float32, promptLength));
  });

  it("come in longer pieces, now and then, where each piece has much to read", async () => {
    const model = { base: 13, row: 0.8, cached: 0.02 };
    const { before, beside, took } = await play(model);
    expect(percentile(beside, 0.5)).toBeLessThan(2 * percentile(before, 0.5));
    expect(took[0]).toBeLessThan(5 * aloneMs(model, promptLength));
  });
});

describe("what prompts owe", () => {
  const decodeMs = 13;
  const step = { decodeMs, isShared: true };
  const msOf = (numPieceTokens: number) => decodeMs + 0.8 * numPieceTokens;

  it("is nothing for time in which no text decoded", () => {
    const share = createPromptShare();
    for (let piece = 0; piece < 40; piece++)
      share.observe({ ...step, numPieceTokens: 256, forwardMs: 1_000, isShared: false });
    expect(share.tokensBeside(decodeMs)).toBeGreaterThan(0);
  });

  it("is paid within seconds after a step that took very long, and pieces find their length again", () => {
    const share = createPromptShare();
    const lengths: number[] = [];
    for (let at = 0; at < 400; at++) {
      const numPieceTokens = share.tokensBeside(decodeMs);
      lengths.push(numPieceTokens);
      if (numPieceTokens === 0) continue;
      const forwardMs =
        lengths.filter((length) => length > 0).length === 2 ? 3_700 : msOf(numPieceTokens);
      share.observe({ ...step, numPieceTokens, forwardMs });
    }
    const longest = (1.8 * decodeMs - decodeMs) / 0.8;
    const later = lengths.slice(150);
    expect(Math.max(...later)).toBeLessThan(2 * longest);
    expect(later.reduce((sum, length) => sum + length, 0) / later.length).toBeGreaterThan(
      longest / 2,
    );
  });
});
