import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WeightPrecision } from "@adaedl/core";
import { writeTinyModel } from "@adaedl/testing";
import { expect, test } from "vitest";
import { readDecoderSpec } from "../directory/read-config.ts";
import { decodeInitializers, encodeModel, externalLocation } from "../onnx/schema.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { newPath } from "../temporary-directory.cases.ts";
import { writeWeightFile } from "./weight-file.ts";
import { layWeights, packedBytes, productsOf } from "./weight-layout.ts";
import { packWeights, type WeightPacker } from "./weight-packing.ts";
import { planWeights } from "./weight-plan.ts";
import { sizesOf } from "./weight-sizes.ts";

/** "Packs" a weight to its bytes in reverse, and saves them where onnxruntime might: anywhere. */
const reversing: WeightPacker = {
  id: "reversing",
  leastBytes: 0,
  async pack(graphFile, saved) {
    const parts: Buffer[] = [Buffer.alloc(13)];
    let end = 13;
    const initializer = decodeInitializers(readFileSync(graphFile)).map(
      ({ name, externalData }) => {
        const at = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
        if (at.location === undefined) return { name };
        const file = readFileSync(join(dirname(graphFile), at.location));
        const bytes = file.subarray(Number(at.offset), Number(at.offset) + Number(at.length));
        parts.push(Buffer.from(bytes).reverse());
        const value = `Gemm+1|${end};${bytes.length};0|0;13;0`;
        end += bytes.length;
        const entries = [...externalData, { key: "prepacked_0", value }];
        return { name, externalData: entries, dataLocation: externalLocation };
      },
    );
    writeFileSync(saved.data, Buffer.concat(parts));
    writeFileSync(saved.graph, encodeModel({ graph: { initializer } }));
  },
};

test("packed bytes go to pages at the end of the weight file, and nothing else is left", async () => {
  const { directory } = writeTinyModel(newPath("tiny"), { architecture: "qwen2" });
  const spec = await readDecoderSpec(directory);
  const weights = await openWeights(directory);
  const layouts = layWeights(planWeights(spec, weights.entries), "f32");
  const file = newPath("weights.bin");
  mkdirSync(dirname(file));
  const places = await writeWeightFile(file, layouts, weights);
  await weights.close();
  const before = readFileSync(file);

  const packed = await packWeights(file, spec, layouts, places, reversing);
  const after = readFileSync(file);
  expect(after.subarray(0, before.length).equals(before)).toBe(true);
  expect([...packed.keys()]).toEqual([...places.keys()]);
  const products = productsOf(layouts);
  for (const [name, place] of packed) {
    const { offset, length, prepacked_0: entry } = place;
    expect({ offset, length }).toEqual({
      offset: places.get(name)?.offset,
      length: places.get(name)?.length,
    });
    expect(entry !== undefined).toBe(products.has(name));
    if (entry === undefined) continue;
    const [key, one = "", two = ""] = entry.split("|");
    const [start = 0, size = 0, checksum] = one.split(";").map(Number);
    expect([key, start % 4096, size, checksum]).toEqual(["Gemm+1", 0, length, 0]);
    const bytes = Buffer.from(before.subarray(offset, offset + length)).reverse();
    expect(after.subarray(start, start + size).equals(bytes)).toBe(true);
    expect(two).toMatch(/^\d+;13;0$/);
    expect(Number(two.split(";")[0]) % 4096).toBe(0);
  }
  expect(readdirSync(dirname(file))).toEqual(["weights.bin"]);
});

test("an embedding is packed where it is the head, too", async () => {
  for (const tieWordEmbeddings of [true, false]) {
    const options = { architecture: "llama", tieWordEmbeddings } as const;
    const { directory } = writeTinyModel(newPath("tiny"), options);
    const spec = await readDecoderSpec(directory);
    const layouts = layWeights(planWeights(spec, new Set()), "int8");
    expect(productsOf(layouts).has("model.embed_tokens.weight")).toBe(tieWordEmbeddings);
    expect(packedBytes(layouts)).toBeGreaterThan(0);
  }
});

test("a model takes its packed weights once, a small one once for each graph", () => {
  const layouts = (size: number, precision: WeightPrecision) =>
    layWeights(
      new Map([
        ["model.embed_tokens.weight", [size, 4096]],
        ["lm_head.weight", [size, 4096]],
        ["model.norm.weight", [4096]],
      ]),
      precision,
    );
  const norm = 4 * 4096;
  const matrix = 4 * 4096 * 4096;
  expect(sizesOf(layouts(4096, "f32"))).toEqual({
    disk: 3 * matrix + norm,
    shared: 2 * matrix + norm,
    perGraph: 0,
  });
  expect(sizesOf(layouts(64, "f32"))).toEqual({
    disk: matrix / 32 + norm,
    shared: matrix / 64 + norm,
    perGraph: matrix / 64,
  });
  const scales = 4 * 4096;
  expect(sizesOf(layouts(4096, "int8")).perGraph).toBe(matrix / 4 + scales);
});
