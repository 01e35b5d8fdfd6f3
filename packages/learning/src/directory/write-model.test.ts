import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { examplePair } from "@adaedl/example-models";
import { openWeights } from "@adaedl/model";
import {
  createTestRandom,
  loadReferenceModel,
  readModelTensors,
  toBfloat16Bits,
  toFloat16Bits,
  writeTinyModel,
} from "@adaedl/testing";
import { expect, inject, test } from "vitest";
import { roundWeights } from "./round-weights.ts";
import { writeModel } from "./write-model.ts";

const root = mkdtempSync(join(inject("temporaryFolder"), "write-model-"));

async function weightsOf(directory: string): Promise<Map<string, Float32Array>> {
  const store = await openWeights(directory);
  const weights = new Map<string, Float32Array>();
  for (const name of store.entries.keys()) {
    const pieces: number[] = [];
    for await (const piece of store.read(name)) for (const value of piece) pieces.push(value);
    weights.set(name, Float32Array.from(pieces));
  }
  await store.close();
  return weights;
}

test.each([
  ["F16", toFloat16Bits],
  ["BF16", toBfloat16Bits],
] as const)("numbers are rounded to %s as the test writer does", (type, toBits) => {
  const random = createTestRandom(1);
  const values = Float32Array.from(
    { length: 200_000 },
    () => random.normal() * 2 ** (random.integer(60) - 35),
  );
  // Halves between two numbers of the format, and its smallest and largest.
  const special = [
    0,
    -0,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    2 ** -24,
    2 ** -25,
    3 * 2 ** -25,
    2 ** -14,
    65504,
    65519,
    65520,
    -1e30,
    1 + 2 ** -8,
    1 + 3 * 2 ** -8,
  ];
  const all = Float32Array.from([...special, ...values]);
  const words = new Uint16Array(roundWeights(all, type).buffer);
  all.forEach((value, i) => {
    if (words[i] !== toBits(value)) expect([value, words[i]]).toEqual([value, toBits(value)]);
  });
});

test.each(["F32", "F16", "BF16"] as const)(
  "a model in %s is written as it was read, in one file",
  async (dtype) => {
    const source = writeTinyModel(join(root, dtype), {
      architecture: "qwen2",
      dtype,
      numShards: 3,
    }).directory;
    mkdirSync(join(source, "LICENSES")); // is not copied: files alone are
    const weights = await weightsOf(source);
    const directory = join(root, `${dtype}-written`, "model");
    await writeModel(directory, { source, weights, card: "# A card\n" });
    expect(readModelTensors(directory)).toEqual(readModelTensors(source));
    const row = [0, 40, 7];
    expect(loadReferenceModel(directory).logits(row)).toEqual(
      loadReferenceModel(source).logits(row),
    );
    expect(readdirSync(directory).sort()).toEqual([
      ...["README.md", "config.json", "generation_config.json", "model.safetensors"],
      ...["tokenizer.json", "tokenizer_config.json"],
    ]);
    expect(readFileSync(join(directory, "README.md"), "utf8")).toBe("# A card\n");
  },
);

test("a directory that is there stays as it is, and a failure leaves nothing", async () => {
  const source = examplePair("storyteller").draft;
  const weights = await weightsOf(source);
  const model = { source, weights, card: "" };
  await expect(writeModel(root, model)).rejects.toMatchObject({ code: "failed_precondition" });
  const directory = join(root, "failed", "model");
  const name = "model.norm.weight";
  const changed = (value: number) =>
    new Map([...weights, [name, new Float32Array(96).fill(value)]]);
  // The largest numbers of float32 are none of F16.
  for (const value of [Number.NaN, 70_000])
    await expect(
      writeModel(directory, { ...model, weights: changed(value) }),
    ).rejects.toMatchObject({
      code: "invalid_argument",
      message: `${name} must be finite numbers in F16, got ${value}`,
    });
  await expect(
    writeModel(directory, { ...model, weights: new Map([["other", new Float32Array(1)]]) }),
  ).rejects.toThrow("other must be a tensor of the source, in F32, F16 or BF16");
  await expect(writeModel(directory, model, AbortSignal.abort())).rejects.toMatchObject({
    code: "cancelled",
  });
  expect(readdirSync(join(root, "failed"))).toEqual([]);
  await writeModel(directory, model);
  expect(existsSync(join(directory, "tokenizer.json"))).toBe(true);
});
