import { join } from "node:path";
import { Text } from "@adaedl/core";
import {
  createTinyTensors,
  overflowAfter,
  type TinyModelOptions,
  writeSafetensors,
} from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import type { SlotStep } from "./messages.ts";
import {
  differingRows,
  errorOf,
  freshLogits,
  greedy,
  logitsOf,
  open,
  randomTokens,
  rowsOf,
  sampled,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

const contextLength = 300;
const directory = writeTiny({ architecture: "llama", contextLength });
const thread = await open({ directory });
const text = randomTokens(1, 200);

/** A slot that holds `tokenIds`. */
async function openHolding(tokenIds: readonly number[]): Promise<number> {
  const slotId = await thread.openSlot(sampled);
  if (tokenIds.length > 0) await thread.forward([stepOf(slotId, [], tokenIds, [])]);
  return slotId;
}

describe("rolling back", () => {
  test.each([
    ["inside a block", 100, 60],
    ["over the border of a block", 200, 120],
    ["to the border of a block", 200, 128],
    ["to nothing", 150, 0],
    ["nothing", 130, 130],
  ])("%s: what follows is as in a fresh slot", async (_, numHeld, numKept) => {
    const slotId = await openHolding(text.slice(0, numHeld));
    const kept = text.slice(0, numKept);
    const other = randomTokens(9, 40);
    const [result] = await thread.forward([stepOf(slotId, kept, other)]);
    const expected = await freshLogits(thread, [...kept, ...other]);
    expect(differingRows(logitsOf(result), expected.slice(numKept))).toEqual([]);
  });

  test("again and again leaves no trace", async () => {
    const slotId = await openHolding(text.slice(0, 50));
    for (let length = 50; length > 0; length -= 7)
      rowsOf((await thread.forward([stepOf(slotId, text.slice(0, length), [1, 2, 3], [])]))[0]);
    const [result] = await thread.forward([stepOf(slotId, [text[0] as number], text.slice(1))]);
    const expected = await freshLogits(thread, text);
    expect(differingRows(logitsOf(result), expected.slice(1))).toEqual([]);
  });

  test("to a sequence the slot does not hold is an internal error", async () => {
    const slotId = await openHolding([1, 2, 3]);
    const failures: SlotStep[] = [
      stepOf(slotId, [1, 2, 4], [5]),
      stepOf(slotId, [2], [5]),
      {
        ...stepOf(slotId, [1, 2], [5]),
        keep: { length: 2, hash: new Text([1, 2, 3]).fence().hash },
      },
    ];
    for (const step of failures) {
      const [result] = await thread.forward([step]);
      expect(errorOf(result)).toEqual({
        code: "internal",
        message: `slot ${slotId} does not hold the first ${step.keep.length} tokens of the text`,
      });
    }
    rowsOf((await thread.forward([stepOf(slotId, [1, 2, 3], [4])]))[0]);
  });

  test("to more than the slot holds is refused", async () => {
    const slotId = await openHolding([1, 2, 3]);
    const [result] = await thread.forward([stepOf(slotId, [1, 2, 3, 4], [5])]);
    expect(errorOf(result)).toEqual({
      code: "failed_precondition",
      message: `slot ${slotId} holds 3 tokens, cannot keep 4`,
    });
  });
});

describe("a forked slot", () => {
  test("goes on from a copy, to the last bit, and harms the other in nothing", async () => {
    const slotId = await openHolding(text.slice(0, 100));
    const forked = await thread.forkSlot(slotId);
    const [left, right] = [randomTokens(2, 20), randomTokens(3, 20)];
    const kept = text.slice(0, 90);
    const results = await thread.forward([stepOf(slotId, kept, left), stepOf(forked, kept, right)]);
    for (const [index, tail] of [left, right].entries()) {
      const expected = await freshLogits(thread, [...kept, ...tail]);
      expect(differingRows(logitsOf(results[index]), expected.slice(90))).toEqual([]);
    }
    await thread.closeSlot(slotId);
    const [result] = await thread.forward([stepOf(forked, [...kept, ...right], left)]);
    const expected = await freshLogits(thread, [...kept, ...right, ...left]);
    expect(differingRows(logitsOf(result), expected.slice(110))).toEqual([]);
  });

  test("keeps the settings", async () => {
    const slotId = await thread.openSlot(greedy);
    const read = { kind: "guess", index: 0 } as const;
    const forked = await thread.forkSlot(slotId);
    const results = await thread.forward(
      [slotId, forked].map((slotId) => stepOf(slotId, [], [5], [read])),
    );
    expect(rowsOf(results[1])).toEqual(rowsOf(results[0]));
  });

  test("of one that is not open is refused", async () => {
    const slotId = await thread.openSlot(sampled);
    await thread.closeSlot(slotId);
    await expect(thread.forkSlot(slotId)).rejects.toMatchObject({
      code: "not_found",
      message: `slot ${slotId} is not open`,
    });
  });
});

describe("a step that is wrong fails alone", () => {
  const wrong: [name: string, step: (slotId: number) => SlotStep, code: string, message: RegExp][] =
    [
      [
        "a token beyond the vocabulary",
        (slotId) => stepOf(slotId, [7], [1, 300]),
        "invalid_argument",
        /^tokenIds\[1\] must be a whole number from 0 to 299, got 300$/,
      ],
      [
        "a negative token",
        (slotId) => stepOf(slotId, [7], [-1]),
        "invalid_argument",
        /^tokenIds\[0\] must be a whole number from 0 to 299, got -1$/,
      ],
      [
        "a fraction of a token",
        (slotId) => stepOf(slotId, [7], [1, 2, 0.5]),
        "invalid_argument",
        /^tokenIds\[2\] must be a whole number from 0 to 299, got 0.5$/,
      ],
      [
        "no token",
        (slotId) => stepOf(slotId, [7], []),
        "invalid_argument",
        /^a step needs at least one token$/,
      ],
      [
        "one token more than the context",
        (slotId) => stepOf(slotId, [7], randomTokens(3, contextLength)),
        "out_of_range",
        /^301 tokens do not fit into the model's context of 300$/,
      ],
      [
        "a slot that was never opened",
        () => stepOf(987654, [], [1]),
        "not_found",
        /^slot 987654 is not open$/,
      ],
      [
        "a read behind the step",
        (slotId) => stepOf(slotId, [7], [1, 2], [{ kind: "guess", index: 2 }]),
        "invalid_argument",
        /^reads must be of the step's 2 tokens, got index 2$/,
      ],
      [
        "a read before the step",
        (slotId) => stepOf(slotId, [7], [1, 2], [{ kind: "logits", index: -1 }]),
        "invalid_argument",
        /^reads must be of the step's 2 tokens, got index -1$/,
      ],
      [
        "another hash",
        (slotId) => ({ ...stepOf(slotId, [7], [1]), keep: { length: 1, hash: 1n } }),
        "internal",
        /^slot \d+ does not hold the first 1 tokens of the text$/,
      ],
    ];

  test.each(wrong)("%s", async (_, stepFor, code, message) => {
    const wrongSlot = await openHolding([7]);
    const [before, after] = [await openHolding(text.slice(0, 9)), await openHolding([])];
    const results = await thread.forward([
      stepOf(before, text.slice(0, 9), text.slice(9, 12)),
      stepFor(wrongSlot),
      stepOf(after, [], text.slice(0, 5)),
    ]);
    expect(errorOf(results[1])).toEqual({ code, message: expect.stringMatching(message) });
    const expected = await freshLogits(thread, text.slice(0, 12));
    expect(differingRows(logitsOf(results[0]), expected.slice(9))).toEqual([]);
    expect(differingRows(logitsOf(results[2]), expected.slice(0, 5))).toEqual([]);
    // The slot is as it was.
    const [again] = await thread.forward([stepOf(wrongSlot, [7], [8])]);
    const fresh = await freshLogits(thread, [7, 8]);
    expect(differingRows(logitsOf(again), fresh.slice(1))).toEqual([]);
  });

  test("a closed slot, also when it is closed twice", async () => {
    const [slotId, mate] = [await openHolding([7]), await openHolding([])];
    await thread.closeSlot(slotId);
    await thread.closeSlot(slotId);
    const results = await thread.forward([stepOf(slotId, [7], [1]), stepOf(mate, [], [7, 1])]);
    expect(errorOf(results[0])).toEqual({
      code: "not_found",
      message: `slot ${slotId} is not open`,
    });
    expect(differingRows(logitsOf(results[1]), await freshLogits(thread, [7, 1]))).toEqual([]);
  });

  test("a second step of the same slot", async () => {
    const slotId = await openHolding([7]);
    const results = await thread.forward([stepOf(slotId, [7], [1]), stepOf(slotId, [7], [2])]);
    const expected = await freshLogits(thread, [7, 1, 3]);
    expect(differingRows(logitsOf(results[0]), expected.slice(1, 2))).toEqual([]);
    expect(errorOf(results[1])).toEqual({
      code: "invalid_argument",
      message: `slot ${slotId} has two steps`,
    });
    const [next] = await thread.forward([stepOf(slotId, [7, 1], [3])]);
    expect(differingRows(logitsOf(next), expected.slice(2))).toEqual([]);
  });

  test("all steps, and none", async () => {
    const steps = [stepOf(987654, [], [1]), stepOf(987655, [], [1])];
    expect((await thread.forward(steps)).map((result) => errorOf(result).code)).toEqual([
      "not_found",
      "not_found",
    ]);
    expect(await thread.forward([])).toEqual([]);
  });

  test("an unknown rule of verification opens no slot", async () => {
    // biome-ignore lint/suspicious/noExplicitAny: what a caller without types may send
    const settings: any = { ...sampled, verification: "trust" };
    await expect(thread.openSlot(settings)).rejects.toMatchObject({
      code: "invalid_argument",
      message: 'verification must be one of shared-noise, rejection, got "trust"',
    });
  });
});

describe("the context", () => {
  test("can be filled to its last token", async () => {
    const tokenIds = randomTokens(6, contextLength);
    const slotId = await openHolding(tokenIds.slice(0, -1));
    const [result] = await thread.forward([
      stepOf(slotId, tokenIds.slice(0, -1), tokenIds.slice(-1)),
    ]);
    const expected = await freshLogits(thread, tokenIds);
    expect(differingRows(logitsOf(result), expected.slice(-1))).toEqual([]);
    const [full] = await thread.forward([stepOf(slotId, tokenIds, [1])]);
    expect(errorOf(full)).toEqual({
      code: "out_of_range",
      message: "301 tokens do not fit into the model's context of 300",
    });
  });
});

describe("what is read", () => {
  test("comes in the order of the reads, each as often as it was asked for", async () => {
    const expected = await freshLogits(thread, text.slice(0, 6));
    const slotId = await openHolding([]);
    const indices = [5, 0, 3, 3];
    const reads = indices.map((index) => ({ kind: "logits", index }) as const);
    const [result] = await thread.forward([stepOf(slotId, [], text.slice(0, 6), reads)]);
    const rows = indices.map((index) => expected[index]);
    expect(differingRows(logitsOf(result), rows)).toEqual([]);
  });

  test("may be nothing, in one slot or in all", async () => {
    const [silent, read] = [await openHolding([]), await openHolding([])];
    const results = await thread.forward([stepOf(silent, [], [1, 2], []), stepOf(read, [], [3])]);
    expect(rowsOf(results[0])).toEqual([]);
    expect(differingRows(logitsOf(results[1]), await freshLogits(thread, [3]))).toEqual([]);
    expect(rowsOf((await thread.forward([stepOf(silent, [1, 2], [3], [])]))[0])).toEqual([]);
  });
});

describe("a model whose logits overflow after one token", async () => {
  const badToken = 5;
  const options: TinyModelOptions = { architecture: "llama", contextLength: 64 };
  const overflowing = writeTiny(options);
  const tensors = overflowAfter(badToken, createTinyTensors(options));
  writeSafetensors(join(overflowing, "model.safetensors"), tensors);
  const model = await open({ directory: overflowing });
  const notNumbers = {
    code: "internal",
    message: "the model returned logits that are not numbers (NaN)",
  };

  test.each([
    ["greedy", greedy],
    ["sampled", sampled],
    ["truncated", { ...sampled, sampling: { ...sampled.sampling, topK: 5 } }],
    ["in the nucleus", { ...sampled, sampling: { ...sampled.sampling, topP: 0.9 } }],
    ["penalised", { ...sampled, sampling: { ...sampled.sampling, repetitionPenalty: 1.2 } }],
    ["rejection", { ...sampled, verification: "rejection" as const }],
  ])("%s: that slot fails, the others do not notice", async (_, settings) => {
    const [bad, mate] = [await model.openSlot(settings), await model.openSlot(settings)];
    const guess = [{ kind: "guess", index: 1 }] as const;
    const judge = [{ kind: "judge", index: 1, guess: { tokenId: 9 } }] as const;
    const [alone] = await model.forward([stepOf(mate, [], [1, 2], guess)]);
    const results = await model.forward([
      stepOf(bad, [], [1, badToken], guess),
      stepOf(mate, [], [1, 2], guess),
    ]);
    expect(errorOf(results[0])).toEqual(notNumbers);
    expect(rowsOf(results[1])).toEqual(rowsOf(alone));
    const [judged] = await model.forward([stepOf(bad, [], [1, badToken], judge)]);
    expect(errorOf(judged)).toEqual(notNumbers);
    // A row that is fine is read although one after it is not.
    const early = [{ kind: "guess", index: 0 }] as const;
    rowsOf((await model.forward([stepOf(bad, [], [1, badToken], early)]))[0]);
  });
});
