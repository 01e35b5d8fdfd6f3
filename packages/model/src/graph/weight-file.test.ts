import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeSafetensors, type NamedTensor } from "@adaedl/testing";
import { expect, test } from "vitest";
import { openWeights, type WeightStore } from "../safetensors/weight-store.ts";
import { failureOf, newPath, writeFiles } from "../temporary-directory.cases.ts";
import { writeWeightFile } from "./weight-file.ts";
import { layWeights } from "./weight-layout.ts";

const floats = (names: readonly string[], { entries }: WeightStore) =>
  layWeights(new Map(names.map((name) => [name, entries.get(name)?.shape ?? []])), "f32");

async function write(tensors: NamedTensor[], names = tensors.map(({ name }) => name)) {
  const directory = writeFiles({ "model.safetensors": encodeSafetensors(tensors) });
  const path = newPath("weights.bin");
  mkdirSync(dirname(path));
  const weights = await openWeights(directory);
  try {
    return {
      path,
      directory,
      places: await writeWeightFile(path, floats(names, weights), weights),
    };
  } finally {
    await weights.close();
  }
}

const tensor = (name: string, values: number[], dtype: NamedTensor["dtype"] = "F32") => ({
  name,
  dtype,
  shape: [values.length],
  values,
});

test("each tensor starts on a page and holds its numbers as little-endian float32", async () => {
  const long = Array.from({ length: 1025 }, (_, index) => index / 8 - 64);
  const tensors = [
    tensor("one", [1.5]),
    tensor("long", long),
    tensor("page", long.slice(0, 1024), "F16"),
    tensor("last", [3, -0, 0.5], "BF16"),
  ];
  const { path, places } = await write(tensors);
  expect(Object.fromEntries(places)).toEqual({
    one: { location: "weights.bin", offset: 0, length: 4 },
    long: { location: "weights.bin", offset: 4096, length: 4100 },
    page: { location: "weights.bin", offset: 12288, length: 4096 },
    last: { location: "weights.bin", offset: 16384, length: 12 },
  });
  const bytes = readFileSync(path);
  expect(bytes).toHaveLength(16396);
  for (const { name, values } of tensors) {
    const { offset, length } = places.get(name) ?? { offset: 0, length: 0 };
    expect(length).toBe(values.length * 4);
    const read = values.map((_, index) => bytes.readFloatLE(offset + index * 4));
    expect(read).toEqual(values);
  }
});

test("only the named tensors are written, in the order of the names", async () => {
  const tensors = [tensor("a", [1]), tensor("b", [2]), tensor("c", [3])];
  const { path, places } = await write(tensors, ["c", "a"]);
  expect([...places].map(([name, { offset }]) => [name, offset])).toEqual([
    ["c", 0],
    ["a", 4096],
  ]);
  expect(readFileSync(path)).toHaveLength(4100);
});

test.each([
  ["F32", Number.NaN, "NaN"],
  ["F16", Number.POSITIVE_INFINITY, "Infinity"],
  ["BF16", Number.NEGATIVE_INFINITY, "-Infinity"],
] as const)("a weight of %s that is %d is refused by name", async (dtype, value, shown) => {
  const tensors = [tensor("good", [1, 2]), tensor("bad", [0, 1, value, Number.NaN], dtype)];
  const directory = writeFiles({ "model.safetensors": encodeSafetensors(tensors) });
  const path = newPath("weights.bin");
  mkdirSync(dirname(path));
  const weights = await openWeights(directory);
  const failure = await failureOf(writeWeightFile(path, floats(["good", "bad"], weights), weights));
  await weights.close();
  expect(failure).toEqual({
    code: "invalid_argument",
    message: `${join(directory, "model.safetensors")}: tensor bad holds ${shown}: weights must be finite numbers`,
    field: "bad",
  });
});
