import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { ExternalData } from "../onnx/graph-builder.ts";
import type { WeightStore } from "../safetensors/weight-store.ts";
import type { WeightPlan } from "./weight-plan.ts";

/** Tensors start on page boundaries, so that the runtime can map them. */
const alignment = 4096;

/** The size of the file that holds the planned tensors. */
export function weightFileBytes(plan: WeightPlan): number {
  const sizes = [...plan.values()].map((shape) => shape.reduce((a, b) => a * b, 4));
  return sizes.reduce((end, size) => alignUp(end) + size, 0);
}

/**
 * Writes the planned tensors as float32 into one external data file.
 * @returns where each tensor lies
 * @throws AdaedlError `invalid_argument` naming file and tensor when a weight is not a finite number
 */
export async function writeWeightFile(
  path: string,
  names: Iterable<string>,
  weights: WeightStore,
  signal?: AbortSignal,
): Promise<Map<string, ExternalData>> {
  const places = new Map<string, ExternalData>();
  const handle = await open(path, "w", 0o644);
  try {
    let offset = 0;
    for (const name of names) {
      const begin = alignUp(offset);
      offset = begin;
      for await (const values of weights.read(name)) {
        throwIfAborted(signal);
        checkFinite(values, name, weights.entries.get(name)?.file);
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        await writeAll(handle, bytes, offset);
        offset += bytes.length;
      }
      places.set(name, { location: basename(path), offset: begin, length: offset - begin });
    }
  } finally {
    await handle.close();
  }
  return places;
}

function alignUp(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** One write may stop early, on a disk that fills up: the next one then says why. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const left = bytes.length - written;
    written += (await handle.write(bytes, written, left, offset + written)).bytesWritten;
  }
}

function checkFinite(values: Float32Array, name: string, file: string | undefined): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new AdaedlError(
      "invalid_argument",
      `${file}: tensor ${name} holds ${values[bad]}: weights must be finite numbers`,
      { field: name, value: values[bad] },
    );
}
