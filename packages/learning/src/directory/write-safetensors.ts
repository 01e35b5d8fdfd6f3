import { open } from "node:fs/promises";
import { invalidField, throwIfAborted } from "@adaedl/core";
import { roundWeights, type StoredType, storedBytes } from "./round-weights.ts";

/** A tensor to be written. */
export interface StoredTensor {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** Each number is rounded to it. */
  readonly type: StoredType;
}

/** Numbers that are rounded at a time. */
const pieceSize = 1 << 18;

/**
 * Writes one safetensors file, and waits until it is on the disk.
 * @param path it must not exist
 * @throws AdaedlError `invalid_argument` for a number that is not finite in its type
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  signal?: AbortSignal,
): Promise<void> {
  let end = 0;
  const header: Record<string, object> = { __metadata__: { format: "pt" } };
  for (const [name, { values, shape, type }] of tensors) {
    const begin = end;
    end += values.length * storedBytes[type];
    header[name] = { dtype: type, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const text = Buffer.concat([json, Buffer.alloc(-json.length & 7, " ")]); // data begins at a multiple of 8
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  const handle = await open(path, "wx", 0o644);
  try {
    await handle.writeFile(Buffer.concat([length, text]));
    for (const [name, { values, type }] of tensors)
      for (let at = 0; at < values.length; at += pieceSize) {
        throwIfAborted(signal);
        const piece = values.subarray(at, at + pieceSize);
        const bytes = roundWeights(piece, type);
        checkFinite(name, piece, bytes, type);
        await handle.writeFile(bytes);
      }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Largest exponents are infinity and no numbers; a large number may round to one. */
const allOnes = { F32: 0x7f80_0000, F16: 0x7c00, BF16: 0x7f80 } as const;

function checkFinite(
  name: string,
  values: Float32Array,
  bytes: Uint8Array,
  type: StoredType,
): void {
  const words = type === "F32" ? new Uint32Array(bytes.buffer) : new Uint16Array(bytes.buffer);
  const bad = words.findIndex((word) => (word & allOnes[type]) >>> 0 === allOnes[type]);
  if (bad >= 0) throw invalidField(name, values[bad], `must be finite numbers in ${type}`);
}
