import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readDecoderSpec } from "@adaedl/model";
import { loadReferenceModel, type TinyModelOptions, writeTinyModel } from "@adaedl/testing";
import { expect, inject, test } from "vitest";
import { writeModel } from "../directory/write-model.ts";
import { openTrainingThread } from "../training-thread.ts";
import { growSpec } from "./grow-spec.ts";

const root = mkdtempSync(join(inject("temporaryFolder"), "grow-"));
const shape = { numRows: 2, length: 12, numJudged: 20 };
const rows = [
  [0, 5, 9, 31, 7, 7, 12, 40, 3],
  [2, 17, 11],
];
const judged = rows.flatMap((row, index) => row.map((_, position) => ({ row: index, position })));
const growth = { width: 48, numLayers: 4 };

const open = (directory: string, more = {}) =>
  openTrainingThread({
    ...{ directory, loss: "tv" as const, shape, schedule: { peak: 1e-2, warmupSteps: 0 } },
    ...more,
  });

function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Math.max(...Array.from(one, (value, at) => Math.abs(value - (other[at] as number))));
}

test.each([
  { architecture: "llama", tieWordEmbeddings: true },
  { architecture: "llama", attentionBias: true, mlpBias: true },
  { architecture: "mistral", slidingWindow: 4, numKeyValueHeads: 4 },
  { architecture: "qwen2", dtype: "BF16" },
  { architecture: "qwen3", numKeyValueHeads: 1 },
] satisfies TinyModelOptions[])(
  "%o, wider and deeper, computes the same logits",
  async (options) => {
    const { architecture, numKeyValueHeads } = options as TinyModelOptions;
    const name = `${architecture}-${numKeyValueHeads}-${Object.keys(options).length}`;
    const larger = { ...growth, ...(numKeyValueHeads === 4 && { width: 64 }) };
    const source = writeTinyModel(join(root, name), options).directory;
    await using small = await open(source);
    await using grown = await open(source, { growth: larger });
    const expected = await small.logits({ rows, judged }, "current");
    const logits = await grown.logits({ rows, judged }, "current");
    expect(largestDifference(logits, expected)).toBeLessThan(1e-4);

    const directory = join(root, `${name}-grown`);
    const weights = await grown.weights("current");
    await writeModel(directory, { source, weights, growth: larger, card: "" });
    const spec = await readDecoderSpec(directory);
    expect(spec).toEqual(growSpec(await readDecoderSpec(source), larger));
    // In BF16 the norms, which are scaled, are rounded.
    if (options.architecture !== "qwen2") {
      const [row = []] = rows;
      const given = loadReferenceModel(source).logits(row).at(-1) as ArrayLike<number>;
      const written = loadReferenceModel(directory).logits(row).at(-1) as ArrayLike<number>;
      expect(largestDifference(written, given)).toBeLessThan(1e-4);
    }
  },
);

test("everything new learns", async () => {
  const source = writeTinyModel(join(root, "learns"), { architecture: "llama" }).directory;
  await using thread = await open(source, { growth });
  const before = await thread.weights("current");
  const logits = Float32Array.from({ length: judged.length * thread.spec.vocabSize }, (_, at) =>
    Math.sin(at),
  );
  for (let step = 0; step < 3; step++) await thread.step([{ rows, judged, target: { logits } }]);
  const after = await thread.weights("current");
  for (const [name, values] of after) {
    const old = before.get(name) as Float32Array;
    const numFixed = values.filter((value, at) => value === old[at]).length;
    // Rows of the embedding that no text has, and the head's: all others have a gradient.
    if (!name.includes("embed")) expect(numFixed, name).toBeLessThan(values.length / 100);
  }
});

test("a configuration with a type for each layer has one for each new layer", async () => {
  const types = ["full_attention", "full_attention"];
  const { directory: source } = writeTinyModel(join(root, "types"), {
    ...{ architecture: "qwen3", configFields: { layer_types: types } },
  });
  await using thread = await open(source, { growth });
  const directory = join(root, "types-grown");
  await writeModel(directory, {
    ...{ source, growth, card: "", weights: await thread.weights("current") },
  });
  const config = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
  expect(config.layer_types).toEqual([...types, ...types]);
});

test("what is not larger, or leaves a part of a head, is refused by name", async () => {
  const { directory } = writeTinyModel(join(root, "refused"), { architecture: "llama" });
  const spec = await readDecoderSpec(directory); // 32 wide, 2 layers, 4 heads for 2 key-value heads
  const grow = (width: number, numLayers: number) => () => growSpec(spec, { width, numLayers });
  for (const [width, numLayers] of [
    [32, 2],
    [16, 4],
    [48, 1],
  ] as const)
    expect(grow(width, numLayers)).toThrow(
      `grow must be more than the draft's 32x2, got "${width}x${numLayers}"`,
    );
  expect(grow(40, 2)).toThrow(
    'grow must have a width that gives each of 2 key-value heads a whole number of query heads: a multiple of 16, got "40x2"',
  );
  await expect(open(directory, { growth: { width: 40, numLayers: 2 } })).rejects.toMatchObject({
    code: "invalid_argument",
  });
});
