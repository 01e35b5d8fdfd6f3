import { randomBytes } from "node:crypto";
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AdaedlError, invalidField, throwIfAborted } from "@adaedl/core";
import { openWeights, type WeightStore } from "@adaedl/model";
import type { Tensors } from "../optimizer/adam.ts";
import { roundWeights, type StoredType, storedBytes } from "./round-weights.ts";

const weightFile = "model.safetensors";
const cardFile = "README.md";
/** Files that belong to any weights of the model: configuration, tokenizer, chat template, licence. */
const copied = /^(LICENSE.*|.*\.(json|jinja|txt|model))$/;
/** Numbers that are rounded at a time. */
const pieceSize = 1 << 18;

/** What a new model directory is made of. */
export interface NewModel {
  /** A model directory: all but its weights and its card is copied. */
  readonly source: string;
  /** By Hugging Face's names; each is written in the number format that it has in the source. */
  readonly weights: Tensors;
  /** Markdown that says what was done. */
  readonly card: string;
}

/**
 * Writes a Hugging Face model directory, which appears whole or not at all.
 * @param directory it must not exist
 * @throws AdaedlError `failed_precondition` where it exists; `invalid_argument` for a weight that the source lacks, or that
 *   is no finite number in the source's format
 */
export async function writeModel(
  directory: string,
  { source, weights, card }: NewModel,
  signal?: AbortSignal,
): Promise<void> {
  await requireNewDirectory(directory);
  const whole = resolve(directory);
  await mkdir(dirname(whole), { recursive: true });
  const temporary = `${whole}.writing-${randomBytes(6).toString("hex")}`;
  const store = await openWeights(source);
  try {
    await mkdir(temporary);
    for (const name of await readdir(source))
      if (copied.test(name) && !name.endsWith(".index.json"))
        await copyFile(join(source, name), join(temporary, name));
    await writeFile(join(temporary, cardFile), card);
    await writeWeights(join(temporary, weightFile), weights, store, signal);
    await rename(temporary, whole);
  } finally {
    await store.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @throws AdaedlError `failed_precondition` where there is something of that name */
export async function requireNewDirectory(directory: string): Promise<void> {
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new AdaedlError("failed_precondition", `${directory} must not exist`, {
      field: directory,
    });
}

async function writeWeights(
  path: string,
  weights: Tensors,
  { entries }: WeightStore,
  signal: AbortSignal | undefined,
): Promise<void> {
  let end = 0;
  const header: Record<string, object> = { __metadata__: { format: "pt" } };
  const types = new Map<string, StoredType>();
  for (const [name, values] of weights) {
    const entry = entries.get(name);
    if (entry === undefined || !(entry.type in storedBytes))
      throw invalidField(name, entry?.type, "must be a tensor of the source, in F32, F16 or BF16");
    const type = entry.type as StoredType;
    const begin = end;
    end += values.length * storedBytes[type];
    header[name] = { dtype: type, shape: entry.shape, data_offsets: [begin, end] };
    types.set(name, type);
  }
  const json = Buffer.from(JSON.stringify(header));
  const text = Buffer.concat([json, Buffer.alloc(-json.length & 7, " ")]); // data begins at a multiple of 8
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  const handle = await open(path, "wx", 0o644);
  try {
    await handle.writeFile(Buffer.concat([length, text]));
    for (const [name, values] of weights)
      for (let at = 0; at < values.length; at += pieceSize) {
        throwIfAborted(signal);
        const piece = values.subarray(at, at + pieceSize);
        const bytes = roundWeights(piece, types.get(name) as StoredType);
        checkFinite(name, piece, bytes, types.get(name) as StoredType);
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
