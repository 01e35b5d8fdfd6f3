import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError, displayValue } from "@adaedl/core";
import * as z from "zod/mini";
import { hasModelFile } from "../directory/model-file.ts";
import { readJsonIfPresent } from "../directory/read-json.ts";
import { readHeader, type TensorEntry, type WeightType, weightTypes } from "./header.ts";
import { toFloat32 } from "./to-float32.ts";

const singleFile = "model.safetensors";
const indexFile = "model.safetensors.index.json";
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });
/** The largest models published have 200. */
const maxFiles = 1_000;
/** Small enough for the CPU's caches, and the same memory for all pieces: fresh memory costs more than the work. */
const chunkBytes = 1 << 20;

/** The weights of a model directory, in one file or many. Close it when done. */
export interface WeightStore {
  readonly files: readonly string[];
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /**
   * Streams a tensor as float32, in row-major order, some whole rows (of its last dimension) at a time. Each piece
   * holds only until the next one is asked for.
   */
  read(name: string): AsyncGenerator<Float32Array>;
  close(): Promise<void>;
}

/**
 * The safetensors files of a directory; empty when it has none.
 * @throws AdaedlError `invalid_argument` for an index that is malformed or beside other weights
 */
export async function findWeightFiles(directory: string): Promise<string[]> {
  const index = await readJsonIfPresent(join(directory, indexFile));
  if (index !== undefined) {
    const parsed = indexSchema.safeParse(index);
    if (!parsed.success)
      throw new AdaedlError(
        "invalid_argument",
        `${join(directory, indexFile)} must have a weight_map from tensor names to file names`,
        { field: "weight_map" },
      );
    const names = [...new Set(Object.values(parsed.data.weight_map))];
    const other = names.find((name) => !/^[^/\\\0]+\.safetensors$/.test(name));
    if (other !== undefined || names.length > maxFiles)
      throw new AdaedlError(
        "invalid_argument",
        `${join(directory, indexFile)} must name at most ${maxFiles} .safetensors files of its own directory, got ${other === undefined ? names.length : displayValue(other)}`,
        { field: "weight_map" },
      );
    if (!names.includes(singleFile) && (await hasModelFile(directory, join(directory, singleFile))))
      throw new AdaedlError(
        "invalid_argument",
        `${directory} has both ${singleFile} and ${indexFile}, which names other files: remove one of them`,
        { field: indexFile },
      );
    return names.map((name) => join(directory, name));
  }
  const single = join(directory, singleFile);
  return (await hasModelFile(directory, single)) ? [single] : [];
}

/**
 * Opens the weights of a model directory.
 * @throws AdaedlError `not_found` for a missing file, `invalid_argument` for a broken one
 */
export async function openWeights(directory: string): Promise<WeightStore> {
  const files = await findWeightFiles(directory);
  if (files.length === 0)
    throw new AdaedlError("not_found", `${directory} has neither ${singleFile} nor ${indexFile}`, {
      field: directory,
    });
  const handles = new Map<string, FileHandle>();
  const close = async () => {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
  };
  try {
    const entries = new Map<string, TensorEntry>();
    for (const file of files) {
      const handle = await openFile(directory, file);
      handles.set(file, handle);
      for (const entry of await readHeader(handle, file)) {
        const other = entries.get(entry.name);
        if (other !== undefined) throw twice(entry, other);
        entries.set(entry.name, entry);
      }
    }
    return {
      files,
      entries,
      close,
      read: (name) => readTensor(entryOf(entries, name), handles),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function twice({ name, file }: TensorEntry, other: TensorEntry): AdaedlError {
  return new AdaedlError(
    "invalid_argument",
    `tensor ${name} is in both ${other.file} and ${file}: which one counts is not known`,
    { field: name },
  );
}

async function* readTensor(
  entry: TensorEntry,
  handles: ReadonlyMap<string, FileHandle>,
): AsyncGenerator<Float32Array> {
  const handle = handles.get(entry.file);
  if (handle === undefined || !(entry.type in weightTypes)) throw unsupportedType(entry);
  const rowBytes = (entry.shape.at(-1) ?? 1) * weightTypes[entry.type as WeightType];
  const stepBytes = Math.max(1, Math.floor(chunkBytes / rowBytes)) * rowBytes;
  const buffer = Buffer.allocUnsafe(Math.min(stepBytes, entry.end - entry.begin));
  const type = entry.type as WeightType;
  const floats = new Float32Array(buffer.length / weightTypes[type]);
  for (let begin = entry.begin; begin < entry.end; begin += stepBytes) {
    const bytes = buffer.subarray(0, Math.min(stepBytes, entry.end - begin));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, begin);
    if (bytesRead !== bytes.length)
      throw new AdaedlError("invalid_argument", `${entry.file} ended while it was being read`, {
        field: entry.name,
      });
    yield toFloat32(bytes, type, floats);
  }
}

/** The error of a tensor in a number format that cannot be read. */
export function unsupportedType({ file, name, type }: TensorEntry): AdaedlError {
  const supported = Object.keys(weightTypes).join(", ");
  return new AdaedlError(
    "unimplemented",
    `${file}: tensor ${name} has type ${type} (supported: ${supported})`,
    { field: name, value: type },
  );
}

function entryOf(entries: ReadonlyMap<string, TensorEntry>, name: string): TensorEntry {
  const entry = entries.get(name);
  if (entry === undefined)
    throw new AdaedlError("invalid_argument", `tensor ${name} is missing`, { field: name });
  return entry;
}

async function openFile(directory: string, file: string): Promise<FileHandle> {
  if (await hasModelFile(directory, file)) return open(file);
  throw new AdaedlError("not_found", `${file} does not exist`, { field: file });
}
