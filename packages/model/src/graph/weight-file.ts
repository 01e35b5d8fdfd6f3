import { writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { ExternalData } from "../onnx/graph-builder.ts";
import { createEncoder } from "../quantization/encoder.ts";
import type { WeightStore } from "../safetensors/weight-store.ts";
import { alignUp, bytesOf, type StoredArray, type WeightLayouts } from "./weight-layout.ts";

/**
 * Writes the tensors into one external data file, streamed: in memory are some megabytes, and the scales of
 * one tensor.
 * @returns where each array lies
 * @throws AdaedlError `invalid_argument` naming file and tensor when a weight is not a finite number
 */
export async function writeWeightFile(
  path: string,
  layouts: WeightLayouts,
  weights: WeightStore,
  signal?: AbortSignal,
): Promise<Map<string, ExternalData>> {
  const places = new Map<string, ExternalData>();
  const handle = await open(path, "w", 0o644);
  let end = 0;
  const place = (array: StoredArray) => {
    const data = { location: basename(path), offset: alignUp(end), length: bytesOf(array) };
    end = data.offset + data.length;
    places.set(array.name, data);
    return data.offset;
  };
  try {
    for (const [name, { precision, shape, values, scales }] of layouts) {
      const start = place(values);
      const encoder = createEncoder(precision, shape);
      for await (const rows of weights.read(name)) {
        throwIfAborted(signal);
        checkFinite(rows, name, weights.entries.get(name)?.file);
        for (const { offset, bytes } of encoder.encode(rows))
          writeAll(handle.fd, bytes, start + offset);
      }
      if (scales !== undefined)
        writeAll(handle.fd, new Uint8Array(encoder.scales.buffer), place(scales));
    }
  } finally {
    await handle.close();
  }
  return places;
}

/**
 * Synchronous: some tensors are millions of small writes, which a promise each makes ten times as slow. One
 * write may stop early, on a disk that fills up: the next one then says why.
 */
function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(file, bytes, written, bytes.length - written, offset + written);
}

function checkFinite(values: Float32Array, name: string, file: string | undefined): void {
  let sum = 0; // 0 times what is not finite is not a number
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * 0;
  if (sum === 0) return;
  const bad = values.findIndex((value) => !Number.isFinite(value));
  throw new AdaedlError(
    "invalid_argument",
    `${file}: tensor ${name} holds ${values[bad]}: weights must be finite numbers`,
    { field: name, value: values[bad] },
  );
}
