import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { AdaedlError, candidateProbs, matchProbabilities } from "@adaedl/core";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import {
  loadReferenceModel,
  type TinyModelOptions,
  watchTurns,
  writeTinyModel,
} from "@adaedl/testing";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { TrainingBatch } from "./batch.ts";
import { type LossName, lossNames, numTopTokens } from "./graph/training-io.ts";
import type { TrainingOptions } from "./messages.ts";
import { openTrainingThread } from "./training-thread.ts";

const root = mkdtempSync(join(inject("temporaryFolder"), "learning-"));
const schedule = { peak: 1e-3, warmupSteps: 2 };
const shape = { numRows: 4, length: 32, numJudged: 112 };
const draft = examplePair("storyteller").draft;

async function open(options: Partial<TrainingOptions> = {}, signal?: AbortSignal) {
  const thread = await openTrainingThread(
    { directory: draft, loss: "tv", shape, schedule, ...options },
    signal,
  );
  onTestFinished(() => thread.close());
  return thread;
}

/** Every position of the beginnings of some prompts, with the target's logits. */
async function textsOf(
  numRows = shape.numRows,
): Promise<TrainingBatch & { target: { logits: Float32Array } }> {
  const { target } = examplePair("storyteller");
  const tokenizer = await loadTokenizer(draft);
  const texts = examplePrompts("storyteller").slice(0, numRows);
  const rows = texts.map((text) => tokenizer.encode(text).slice(0, shape.length));
  const judged = rows.flatMap((row, index) =>
    row.slice(0, 28).map((_, position) => ({ row: index, position })),
  );
  await using thread = await openTrainingThread({ directory: target, loss: "kl", shape, schedule });
  return { rows, judged, target: { logits: await thread.logits({ rows, judged }, "current") } };
}

/** The same, of which the loss gets what it learns from. */
function forLoss(loss: LossName, texts: Awaited<ReturnType<typeof textsOf>>): TrainingBatch {
  if (loss !== "tv-top16") return texts;
  const tops = texts.judged.map((_, index) => {
    const probs = probsAt(texts.target.logits, index);
    const ids = [...probs.keys()].sort((a, b) => (probs[b] as number) - (probs[a] as number));
    return ids.slice(0, numTopTokens).map((id) => [id, Math.log(probs[id] as number)] as const);
  });
  return {
    ...texts,
    target: {
      topIds: Int32Array.from(tops.flatMap((top) => top.map(([id]) => id))),
      topLogprobs: Float32Array.from(tops.flatMap((top) => top.map(([, logprob]) => logprob))),
    },
  };
}

const vocabSize = 4096;
function probsAt(logits: Float32Array, index: number): Float64Array {
  const row = logits.subarray(index * vocabSize, (index + 1) * vocabSize);
  return candidateProbs({ logits: row, inverseTemperature: 1, entropy: 0 });
}

function meanMatch(target: Float32Array, draft: Float32Array): number {
  const count = target.length / vocabSize;
  let sum = 0;
  for (let index = 0; index < count; index++)
    sum += matchProbabilities(probsAt(target, index), probsAt(draft, index)).reduce(
      (a, b) => a + b,
      0,
    );
  return sum / count;
}

test.each(lossNames)(
  "the built-in draft learns by %s: its loss falls, its matches rise",
  async (loss) => {
    const texts = await textsOf();
    const batch = forLoss(loss, texts);
    const thread = await open({ loss });
    const before = await thread.logits(batch, "current");
    const losses: number[] = [];
    for (let step = 0; step < 12; step++) losses.push((await thread.step([batch])).loss);
    const [first = 0] = losses;
    expect(losses.at(-1)).toBeLessThan(0.8 * first);
    const after = await thread.logits(batch, "current");
    expect(meanMatch(texts.target.logits, after)).toBeGreaterThan(
      meanMatch(texts.target.logits, before) + 0.05,
    );
    // The average of the weights moves, more slowly.
    const average = meanMatch(texts.target.logits, await thread.logits(batch, "average"));
    expect(average).toBeGreaterThan(meanMatch(texts.target.logits, before));
    expect(average).toBeLessThan(meanMatch(texts.target.logits, after));
  },
);

test("two batches are one step: the same as both in one", async () => {
  const texts = await textsOf();
  const partOf = (from: number, to: number): TrainingBatch => {
    const places = texts.judged.flatMap(({ row }, index) =>
      row >= from && row < to ? [index] : [],
    );
    const [first = 0, last = 0] = [places[0], places.at(-1)];
    return {
      rows: texts.rows.slice(from, to),
      judged: texts.judged
        .slice(first, last + 1)
        .map(({ row, position }) => ({ row: row - from, position })),
      target: { logits: texts.target.logits.subarray(first * vocabSize, (last + 1) * vocabSize) },
    };
  };
  const [whole, parts] = [await open(), await open()];
  const report = await whole.step([texts]);
  const other = await parts.step([partOf(0, 1), partOf(1, 4)]);
  expect(other).toEqual({
    ...report,
    loss: expect.closeTo(report.loss, 5),
    gradientNorm: expect.closeTo(report.gradientNorm, 5),
  });
});

const kinds: readonly TinyModelOptions[] = [
  {
    architecture: "llama",
    attentionBias: true,
    mlpBias: true,
    dtype: "BF16",
    numShards: 2,
    ropeScaling: {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 16,
    },
  },
  {
    ...{ architecture: "mistral", slidingWindow: 3, dtype: "F16" },
    ropeScaling: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 40 },
  },
  {
    architecture: "qwen2",
    tieWordEmbeddings: true,
    ropeScaling: { rope_type: "linear", factor: 2 },
  },
  { architecture: "qwen3", headDim: 16, attentionBias: true },
];
test.each(kinds)(
  "computes what the reference does from the files of $architecture",
  async (options) => {
    const { directory } = writeTinyModel(join(root, options.architecture), options);
    const thread = await open({ directory, shape: { numRows: 1, length: 10, numJudged: 10 } });
    const row = [0, 40, 7, 7, 212, 99, 40, 3];
    const judged = row.map((_, position) => ({ row: 0, position }));
    const logits = await thread.logits({ rows: [row], judged }, "current");
    const expected = loadReferenceModel(directory)
      .logits(row)
      .flatMap((values) => [...values]);
    expect(logits).toHaveLength(expected.length);
    const error = expected.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (logits[at] as number))),
      0,
    );
    expect(error).toBeLessThan(1e-4);
  },
);

test("an architecture whose layers the graph lacks is refused by name", async () => {
  const { directory } = writeTinyModel(join(root, "granite"), { architecture: "granite" });
  await expect(open({ directory })).rejects.toMatchObject({
    code: "unimplemented",
    message: `${directory}: model_type "granite" cannot be trained (can be: llama, mistral, qwen2, qwen3)`,
  });
});

describe("the thread", () => {
  test("leaves the caller's loop free during a step", async () => {
    const batch = await textsOf();
    const thread = await open();
    const end = watchTurns();
    await thread.step([batch]);
    expect(end().percentile(1)).toBeLessThan(100);
  });

  test("a step that waits does not begin once its signal aborts", async () => {
    const batch = await textsOf();
    const thread = await open();
    const running = thread.step([batch]);
    const aborting = new AbortController();
    const waiting = thread.step([batch], aborting.signal);
    aborting.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    expect((await running).numSteps).toBe(1);
    expect((await thread.step([batch])).numSteps).toBe(2);
  });

  test("once closed, it answers nothing more", async () => {
    const thread = await open();
    await thread.close();
    await thread.close();
    await expect(thread.weights("current")).rejects.toMatchObject({ code: "unavailable" });
  });

  test("a model that is not there is an error, and leaves no thread", async () => {
    const directory = join(root, "nothing");
    await expect(open({ directory })).rejects.toBeInstanceOf(AdaedlError);
    const aborted = AbortSignal.abort();
    await expect(open({}, aborted)).rejects.toMatchObject({ code: "cancelled" });
  });
});

test("a batch that does not fit is refused by its field, and changes nothing", async () => {
  const batch = await textsOf(1);
  const thread = await open();
  const before = await thread.weights("current");
  await expect(thread.step([])).rejects.toThrow("batches must have one batch at least, got []");
  const wrong: readonly [Partial<TrainingBatch>, string][] = [
    [{ rows: [[4096]] }, "rows[0] must be token ids below 4096, got 4096"],
    [{ rows: [new Array<number>(33).fill(0)] }, "rows[0] must have at most 32 tokens, got 33"],
    [{ rows: new Array(5).fill([0]) }, "rows must be at most 4, got 5"],
    [{ judged: [] }, "judged must be from 1 to 112 positions, got 0"],
    [
      { judged: [{ row: 0, position: 32 }] },
      'judged[0] must be a position of its row, each once, got {"row":0,"position":32}',
    ],
    [
      {
        judged: [
          { row: 0, position: 1 },
          { row: 0, position: 1 },
        ],
      },
      'judged[1] must be a position of its row, each once, got {"row":0,"position":1}',
    ],
    [
      { target: { logits: new Float32Array(3) } },
      `target.logits must be ${batch.judged.length * vocabSize} numbers, got 3`,
    ],
  ];
  for (const [change, message] of wrong)
    await expect(thread.step([{ ...batch, ...change }])).rejects.toMatchObject({
      code: "invalid_argument",
      message,
    });
  await expect(open({ shape: { ...shape, numJudged: 129 } })).rejects.toThrow(
    "shape.numJudged must be at most numRows * length, 128, got 129",
  );
  expect(await thread.weights("current")).toEqual(before);
  expect((await thread.step([batch])).numSteps).toBe(1);
});
