import { cpSync } from "node:fs";
import {
  createTestRandom,
  greedyDecode,
  loadReferenceModel,
  type ReferenceModel,
  type TinyModelOptions,
} from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import {
  failureOf,
  freshLogits,
  greedy,
  logitsOf,
  open,
  randomTokens,
  rowsOf,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

const llama3Rope = {
  rope_type: "llama3",
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 64,
};

const yarnRope = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 40 };

const models: [name: string, options: TinyModelOptions][] = [
  ["llama", { architecture: "llama" }],
  ["llama with llama3 rope", { architecture: "llama", ropeScaling: llama3Rope }],
  ["llama with linear rope", { architecture: "llama", ropeScaling: { type: "linear", factor: 4 } }],
  [
    "llama with an explicit head size, biases and a tied head",
    {
      architecture: "llama",
      headDim: 12,
      attentionBias: true,
      mlpBias: true,
      tieWordEmbeddings: true,
    },
  ],
  ["llama with a key head for each head", { architecture: "llama", numKeyValueHeads: 4 }],
  ["llama with one key head", { architecture: "llama", numKeyValueHeads: 1 }],
  ["llama with a single head", { architecture: "llama", numHeads: 1, numKeyValueHeads: 1 }],
  ["llama of byte-fallback tokens", { architecture: "llama", tokenizer: "byte-fallback" }],
  ["llama with more rows than tokens", { architecture: "llama", vocabSize: 333, numLayers: 1 }],
  ["mistral with a window", { architecture: "mistral", slidingWindow: 11 }],
  ["mistral without a window", { architecture: "mistral", ropeTheta: 1e6 }],
  ["qwen2", { architecture: "qwen2", tieWordEmbeddings: true }],
  ["qwen3", { architecture: "qwen3", headDim: 16 }],
  ["granite", { architecture: "granite" }],
  ["granite with biases", { architecture: "granite", attentionBias: true, mlpBias: true }],
  ["olmo2", { architecture: "olmo2" }],
  ["smollm3", { architecture: "smollm3", numLayers: 3, tieWordEmbeddings: true }],
  [
    "smollm3 that leaves out what is its default",
    {
      ...{ architecture: "smollm3", numLayers: 4, tieWordEmbeddings: true, ropeTheta: 2e6 },
      configFields: { no_rope_layers: null, rope_theta: null, tie_word_embeddings: null },
    },
  ],
  ["qwen2 with yarn", { architecture: "qwen2", ropeScaling: yarnRope }],
  ["qwen3 with biases", { architecture: "qwen3", headDim: 16, attentionBias: true }],
  [
    "llama with biases that its config does not announce",
    {
      architecture: "llama",
      attentionBias: true,
      mlpBias: true,
      configFields: { attention_bias: false, mlp_bias: false },
    },
  ],
  [
    "a head beside a tied embedding",
    { architecture: "qwen2", configFields: { tie_word_embeddings: true } },
  ],
  [
    "a stale theta beside rope_parameters",
    {
      architecture: "llama",
      configFields: { rope_parameters: { rope_type: "linear", factor: 2, rope_theta: 500_000 } },
    },
  ],
  ["sharded BF16 weights", { architecture: "qwen2", dtype: "BF16", numShards: 3 }],
  ["F16 weights", { architecture: "llama", dtype: "F16" }],
];

const contextLength = 150; // beyond the first block of cache columns

describe.each(models)("%s", async (_, options) => {
  const directory = writeTiny({ contextLength, seed: 3, ...options });
  const reference = loadReferenceModel(directory);
  const { vocabSize } = reference.config;
  const thread = await open({ directory });

  test("logits are the reference's at every position up to the limit", async () => {
    const tokenIds = randomTokens(1, contextLength, vocabSize);
    const expected = reference.logits(tokenIds);
    const random = createTestRandom(2);
    const slotId = await thread.openSlot(greedy);
    const rows: Float32Array[] = [];
    while (rows.length < contextLength) {
      const end = Math.min(contextLength, rows.length + 1 + random.integer(24));
      const step = stepOf(slotId, tokenIds.slice(0, rows.length), tokenIds.slice(rows.length, end));
      const [result] = await thread.forward([step]);
      rows.push(...logitsOf(result));
    }
    expect(thread.info).toMatchObject({
      format: "safetensors",
      vocabSize,
      contextLength,
      provider: "cpu",
    });
    const errors = rows.map((row, position) => relativeError(row, expected[position]));
    expect(Math.max(...errors)).toBeLessThan(1e-4);

    const oneMore = await thread.forward([stepOf(slotId, tokenIds, [0])]);
    expect(oneMore).toMatchObject([{ error: { code: "out_of_range" } }]);
  });

  test("the most probable tokens are the reference's", async () => {
    const { tokenIds, expected } = clearPrompt(reference);

    const slotId = await thread.openSlot(greedy);
    const generated: number[] = [];
    let kept: number[] = [];
    let next = tokenIds;
    while (generated.length < 24) {
      const index = next.length - 1;
      const [result] = await thread.forward([
        stepOf(slotId, kept, next, [{ kind: "guess", index }]),
      ]);
      const [row] = rowsOf(result);
      if (row?.kind !== "guess") throw new Error("no guess");
      generated.push(row.guess.tokenId);
      kept = [...kept, ...next];
      next = [row.guess.tokenId];
    }
    expect(generated).toEqual(expected);
  });
});

// A byte in the wrong place costs all of the likeness: two random rows have a correlation of about 0.
test.each([
  ["int8", 0.99],
  ["int4", 0.8],
] as const)("logits of %s are like the reference's", async (weights, leastCorrelation) => {
  const options: TinyModelOptions[] = [
    { architecture: "qwen2", tieWordEmbeddings: true, hiddenSize: 80, numHeads: 4 },
    { architecture: "llama", hiddenSize: 64, attentionBias: true, mlpBias: true, dtype: "BF16" },
  ];
  for (const one of options) {
    const directory = writeTiny({ contextLength, seed: 3, ...one });
    const reference = loadReferenceModel(directory);
    const tokenIds = randomTokens(1, 60, reference.config.vocabSize);
    const thread = await open({ directory, weights });
    expect(thread.info.weights).toBe(weights);
    const rows = await freshLogits(thread, tokenIds);
    const correlations = reference
      .logits(tokenIds)
      .map((expected, position) => correlation(rows[position] as Float32Array, expected));
    expect(correlations.reduce((sum, one) => sum + one) / 60).toBeGreaterThan(leastCorrelation);
  }
});

test("a checkpoint whose shapes do not fit its config does not open", async () => {
  const directory = writeTiny({ architecture: "llama" });
  const other = writeTiny({ architecture: "llama", hiddenSize: 64 });
  cpSync(`${other}/config.json`, `${directory}/config.json`);
  expect(await failureOf(open({ directory }))).toEqual({
    code: "invalid_argument",
    message: `${directory}/model.safetensors: tensor model.embed_tokens.weight has shape [300, 32], config.json asks for [300, 64]`,
  });
});

/**
 * A prompt and its greedy continuation by 24 tokens without near ties, where rounding would decide:
 * the first seed whose margins are all ten times what logits may be off by.
 */
function clearPrompt(reference: ReferenceModel) {
  for (let seed = 1; seed <= 20; seed++) {
    const tokenIds = randomTokens(seed, 9, reference.config.vocabSize);
    const expected = greedyDecode(reference, tokenIds, 24);
    const rows = reference.logits([...tokenIds, ...expected]).slice(tokenIds.length - 1, -1);
    if (Math.min(...rows.map(relativeMargin)) > 1e-3) return { tokenIds, expected };
  }
  throw new Error("every prompt leads to a near tie");
}

/** Largest difference in a row over the row's largest absolute logit. */
function relativeError(row: Float32Array, expected: Float64Array | undefined): number {
  if (expected === undefined || row.length !== expected.length) return Number.POSITIVE_INFINITY;
  const differences = expected.map((value, index) => Math.abs(value - (row[index] as number)));
  return Math.max(...differences) / Math.max(...expected.map(Math.abs));
}

function correlation(one: Float32Array, other: Float64Array): number {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, value, index) => sum + value * (b[index] as number), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}

/** Distance of the two largest logits over the row's largest absolute logit. */
function relativeMargin(row: Float64Array): number {
  const [first = 0, second = 0] = [...row].sort((a, b) => b - a);
  return (first - second) / Math.max(...row.map(Math.abs));
}
