import { type FileHandle, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { throwIfAborted } from "@adaedl/core";
import type { DecoderSpec } from "../directory/decoder-spec.ts";
import { type ExternalData, GraphBuilder } from "../onnx/graph-builder.ts";
import { decodeInitializers } from "../onnx/schema.ts";
import { alignUp, bytesOf, productsOf, type WeightLayouts } from "./weight-layout.ts";
import { weightOperators } from "./weight-operators.ts";
import { groupBytes } from "./weight-sizes.ts";

/** A runtime that packs weights for its kernels. */
export interface WeightPacker {
  /** Changes with whatever the packed bytes depend on: the runtime's release, the kind of CPU. */
  readonly id: string;
  /** Models with smaller weight files are not packed; usually `leastPackedBytes`. */
  readonly leastBytes: number;
  /** Opens a graph and saves it, its weights and what they were packed to, in one file beside it. */
  pack(graphFile: string, saved: { graph: string; data: string }): Promise<void>;
}

const copyBytes = 1 << 22;

/**
 * Packs the weights of all products, and appends what comes out to the weight file, in which every graph that
 * names it maps the same bytes.
 * @returns `places`, with onnxruntime's entries for what was packed
 */
export async function packWeights(
  weightFile: string,
  spec: DecoderSpec,
  layouts: WeightLayouts,
  places: ReadonlyMap<string, ExternalData>,
  packer: WeightPacker,
  signal?: AbortSignal,
): Promise<Map<string, ExternalData>> {
  const packed = new Map(places);
  const graphFile = join(dirname(weightFile), "products.onnx");
  const saved = { graph: `${graphFile}.packed`, data: `${graphFile}.bin` };
  const output = await open(weightFile, "r+");
  try {
    const append = await appender(output, saved.data);
    for (const names of groupsOf(layouts)) {
      throwIfAborted(signal);
      await writeFile(graphFile, productsGraph(names, spec, layouts, places));
      await packer.pack(graphFile, saved);
      for (const { name, externalData } of decodeInitializers(await readFile(saved.graph))) {
        const place = places.get(name);
        if (place === undefined) continue;
        const entries = externalData.filter(({ key }) => key.startsWith("prepacked_"));
        const moved: Record<string, string> = {};
        for (const { key, value } of entries) moved[key] = await append(value);
        packed.set(name, { ...place, ...moved });
      }
    }
  } finally {
    await output.close();
    for (const file of [graphFile, saved.graph, saved.data]) await rm(file, { force: true });
  }
  return packed;
}

function* groupsOf(layouts: WeightLayouts): Generator<string[]> {
  let group: string[] = [];
  let size = 0;
  for (const [name, { values }] of productsOf(layouts)) {
    if (group.length > 0 && size + bytesOf(values) > groupBytes) {
      yield group;
      [group, size] = [[], 0];
    }
    group.push(name);
    size += bytesOf(values);
  }
  yield group;
}

/** A graph of these products alone: a weight is packed for its operator, whatever else is in the graph. */
function productsGraph(
  names: readonly string[],
  spec: DecoderSpec,
  layouts: WeightLayouts,
  places: ReadonlyMap<string, ExternalData>,
): Uint8Array {
  const graph = new GraphBuilder("products");
  const { product } = weightOperators(graph, spec, layouts, places);
  for (const name of names) {
    const [numOut = 0, numIn = 0] = layouts.get(name)?.shape ?? [];
    const value = graph.input(`input ${name}`, "float32", ["T", numIn]);
    graph.output(`output ${name}`, product(value, name), "float32", ["T", numOut]);
  }
  return graph.build();
}

/**
 * Copies packed bytes to the end of a file: to page boundaries, since kernels look for what they have aligned
 * in memory.
 * @returns a function from onnxruntime's entry of packed bytes, `KEY|OFFSET;LENGTH;CHECKSUM|…`, to that of the copy
 */
async function appender(
  output: FileHandle,
  inputFile: string,
): Promise<(entry: string) => Promise<string>> {
  let { size: end } = await output.stat();
  const buffer = Buffer.allocUnsafe(copyBytes);
  return async (entry) => {
    const [packing, ...pieces] = entry.split("|");
    const input = await open(inputFile);
    try {
      const moved: string[] = [];
      for (const piece of pieces) {
        const [begin, count, checksum] = piece.split(";"); // a checksum of 64 bits is no number
        const [offset, length] = [Number(begin), Number(count)];
        const start = alignUp(end);
        end = start + length;
        for (let done = 0; done < length; ) {
          const { bytesRead } = await input.read(
            buffer,
            0,
            Math.min(copyBytes, length - done),
            offset + done,
          );
          if (bytesRead === 0) throw new RangeError(`${inputFile} ends within ${entry}`);
          // A full disk may show in a short write alone.
          for (let written = 0; written < bytesRead; ) {
            const left = bytesRead - written;
            const { bytesWritten } = await output.write(
              buffer,
              written,
              left,
              start + done + written,
            );
            written += bytesWritten;
          }
          done += bytesRead;
        }
        moved.push([start, length, checksum].join(";"));
      }
      return [packing, ...moved].join("|");
    } finally {
      await input.close();
    }
  };
}
