import {
  existsSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  createTinyTensors,
  encodeSafetensors,
  packSafetensors,
  type TinyModelOptions,
  writeTinyModel,
} from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { failureOf, newPath, writeFiles } from "../temporary-directory.cases.ts";
import { findWeightFiles, openWeights, type WeightStore } from "./weight-store.ts";

const indexFile = "model.safetensors.index.json";
const oneTensor = encodeSafetensors([{ name: "a", dtype: "F32", shape: [2], values: [1, 2] }]);

async function readAll(weights: WeightStore, name: string): Promise<number[]> {
  const values: number[] = [];
  for await (const piece of weights.read(name)) values.push(...piece);
  return values;
}

/** Opens, works and closes. */
async function withWeights<T>(directory: string, work: (weights: WeightStore) => Promise<T>) {
  const weights = await openWeights(directory);
  try {
    return await work(weights);
  } finally {
    await weights.close();
  }
}

describe.each([1, 3])("a model in %d files", (numShards) => {
  const options: TinyModelOptions = { architecture: "qwen2", numShards };
  const { directory } = writeTinyModel(newPath(), options);

  test("has every tensor with its shape and numbers", async () => {
    await withWeights(directory, async (weights) => {
      expect(weights.files).toHaveLength(numShards);
      const tensors = createTinyTensors(options);
      expect([...weights.entries.keys()]).toEqual(tensors.map(({ name }) => name));
      for (const { name, shape, values } of tensors) {
        expect(weights.entries.get(name)?.shape).toEqual(shape);
        expect(weights.files).toContain(weights.entries.get(name)?.file);
        expect(await readAll(weights, name)).toEqual([...Array.from(values)]);
      }
    });
  });
});

test.each(["F16", "BF16"] as const)("%s tensors are read as float32", async (dtype) => {
  const values = [0, -0, 1, -1.5, 0.15625, 384];
  const tensors = [{ name: "a", dtype, shape: [2, 3], values }];
  const directory = writeFiles({ "model.safetensors": encodeSafetensors(tensors) });
  expect(await withWeights(directory, (weights) => readAll(weights, "a"))).toEqual(values);
});

test("a tensor larger than a piece comes in order and whole", async () => {
  const shape = [1_666_667, 3]; // 10 MB of bfloat16, in rows that do not fill a piece
  const numValues = 5_000_001;
  const bits = Uint16Array.from({ length: numValues }, (_, index) => index % 0x7f00);
  const entry = { dtype: "BF16", shape, data_offsets: [0, numValues * 2] };
  const bytes = packSafetensors({ a: entry }, new Uint8Array(bits.buffer));
  const directory = writeFiles({ "model.safetensors": bytes });
  await withWeights(directory, async (weights) => {
    let numPieces = 0;
    const words = new Uint32Array(numValues);
    let place = 0;
    for await (const piece of weights.read("a")) {
      words.set(new Uint32Array(piece.buffer, piece.byteOffset, piece.length), place);
      place += piece.length;
      expect(piece.length % 3).toBe(0);
      numPieces++;
    }
    expect(numPieces).toBe(10);
    expect(place).toBe(numValues);
    expect(words.findIndex((word, index) => word !== (bits[index] as number) << 16)).toBe(-1);
  });
});

test("an index beside a single file that it does not name is refused", async () => {
  const files = {
    "model.safetensors": oneTensor,
    "other.safetensors": oneTensor,
    [indexFile]: { weight_map: { a: "other.safetensors" } },
  };
  const directory = writeFiles(files);
  expect(await failureOf(findWeightFiles(directory))).toEqual({
    code: "invalid_argument",
    message: `${directory} has both model.safetensors and ${indexFile}, which names other files: remove one of them`,
    field: indexFile,
  });
  const single = writeFiles({ ...files, [indexFile]: { weight_map: { a: "model.safetensors" } } });
  expect(await findWeightFiles(single)).toEqual([join(single, "model.safetensors")]);
});

test("a tensor in two files is refused", async () => {
  const directory = writeFiles({
    "1.safetensors": oneTensor,
    "2.safetensors": oneTensor,
    [indexFile]: { weight_map: { a: "1.safetensors", b: "2.safetensors" } },
  });
  const [one, two] = [1, 2].map((n) => join(directory, `${n}.safetensors`));
  expect(await failureOf(openWeights(directory))).toEqual({
    code: "invalid_argument",
    message: `tensor a is in both ${one} and ${two}: which one counts is not known`,
    field: "a",
  });
});

test("a directory without weights has no weight files, and cannot be opened", async () => {
  const directory = writeFiles({ "config.json": {} });
  expect(await findWeightFiles(directory)).toEqual([]);
  expect(await failureOf(openWeights(directory))).toEqual({
    code: "not_found",
    message: `${directory} has neither model.safetensors nor ${indexFile}`,
    field: directory,
  });
});

test("a missing shard is named", async () => {
  const { directory } = writeTinyModel(newPath(), { architecture: "llama", numShards: 3 });
  const file = join(directory, "model-00002-of-00003.safetensors");
  rmSync(file);
  expect(await failureOf(openWeights(directory))).toEqual({
    code: "not_found",
    message: `${file} does not exist`,
    field: file,
  });
});

test.each([{}, { weight_map: 7 }, { weight_map: { a: 7 } }, { weight_map: ["a"] }, [], null])(
  "index %j is refused",
  async (index) => {
    const directory = writeFiles({ [indexFile]: index });
    expect(await failureOf(openWeights(directory))).toEqual({
      code: "invalid_argument",
      message: `${join(directory, indexFile)} must have a weight_map from tensor names to file names`,
      field: "weight_map",
    });
  },
);

test("an index that is not JSON is refused", async () => {
  const directory = writeFiles({ [indexFile]: "{" });
  const file = join(directory, indexFile);
  expect(await failureOf(openWeights(directory))).toEqual({
    code: "invalid_argument",
    message: `${file} is not valid JSON`,
    field: file,
  });
});

test("a tensor of an unsupported type is named when it is read, not before", async () => {
  const header = {
    a: { dtype: "I8", shape: [4], data_offsets: [0, 4] },
    b: { dtype: "F32", shape: [1], data_offsets: [4, 8] },
  };
  const directory = writeFiles({ "model.safetensors": packSafetensors(header, Buffer.alloc(8)) });
  await withWeights(directory, async (weights) => {
    expect(await readAll(weights, "b")).toEqual([0]);
    const file = join(directory, "model.safetensors");
    expect(await failureOf(readAll(weights, "a"))).toEqual({
      code: "unimplemented",
      message: `${file}: tensor a has type I8 (supported: F32, F16, BF16)`,
      field: "a",
    });
  });
});

test("a tensor that is not there is named", async () => {
  const directory = writeFiles({ "model.safetensors": oneTensor });
  await withWeights(directory, async (weights) => {
    expect(await failureOf((async () => readAll(weights, "b"))())).toEqual({
      code: "invalid_argument",
      message: "tensor b is missing",
      field: "b",
    });
  });
});

test("a file that shrinks after it was opened is noticed", async () => {
  const directory = writeFiles({ "model.safetensors": oneTensor });
  const file = join(directory, "model.safetensors");
  await withWeights(directory, async (weights) => {
    truncateSync(file, oneTensor.length - 1);
    expect(await failureOf(readAll(weights, "a"))).toEqual({
      code: "invalid_argument",
      message: `${file} ended while it was being read`,
      field: "a",
    });
  });
});

test.runIf(existsSync("/proc/self/fd"))("no file stays open, also after a failure", async () => {
  const { directory } = writeTinyModel(newPath(), { architecture: "llama", numShards: 3 });
  const numOpen = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
      } catch {
        return false; // the descriptor of this very listing
      }
    }).length;
  await withWeights(directory, async () => expect(numOpen()).toBe(3));
  expect(numOpen()).toBe(0);
  writeFileSync(join(directory, "model-00003-of-00003.safetensors"), "broken");
  expect((await failureOf(openWeights(directory))).code).toBe("invalid_argument");
  expect(numOpen()).toBe(0);
});
