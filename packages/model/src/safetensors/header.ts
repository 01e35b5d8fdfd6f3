import type { FileHandle } from "node:fs/promises";
import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import { lfsPointer, lfsPointerStart } from "../directory/lfs-pointer.ts";
import { parseJson } from "../directory/read-json.ts";

/** Number formats of weights this project reads. */
export const weightTypes = { F32: 4, F16: 2, BF16: 2 } as const;
export type WeightType = keyof typeof weightTypes;

/** Where one tensor lies in a safetensors file. */
export interface TensorEntry {
  readonly name: string;
  /** Path of the file. */
  readonly file: string;
  /** As the file says; only `weightTypes` can be read. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Absolute byte range in the file. */
  readonly begin: number;
  readonly end: number;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().check(z.nonnegative())).check(z.maxLength(8)),
  data_offsets: z.tuple([z.int().check(z.nonnegative()), z.int().check(z.nonnegative())]),
});
const headerSchema = z.record(z.string(), z.unknown());

/** The largest models have headers of a tenth of this, the format allows ten times as much. */
const maxHeaderBytes = 10_000_000;
const maxNameLength = 500;

/**
 * Reads and checks the header of a safetensors file: an 8-byte length, JSON, then the data.
 * @throws AdaedlError `invalid_argument` naming the file, and the tensor where one is at fault
 */
export async function readHeader(handle: FileHandle, file: string): Promise<TensorEntry[]> {
  const { size } = await handle.stat();
  const broken = (problem: string, field = file) =>
    new AdaedlError("invalid_argument", `${file} is not a whole safetensors file: ${problem}`, {
      field,
    });

  if (size < 8) throw broken(`${size} bytes are too few for a header`);
  const lengthBytes = Buffer.alloc(8);
  await handle.read(lengthBytes, 0, 8, 0);
  const headerBytes = Number(lengthBytes.readBigUInt64LE());
  if (lengthBytes.toString("latin1") === lfsPointerStart.slice(0, 8)) throw lfsPointer(file);
  if (headerBytes > size - 8)
    throw broken(`its header of ${headerBytes} bytes does not fit into ${size} bytes`);
  if (headerBytes > maxHeaderBytes)
    throw broken(`its header has ${headerBytes} bytes, the limit is ${maxHeaderBytes}`);

  const text = Buffer.alloc(headerBytes);
  await handle.read(text, 0, headerBytes, 8);
  const header = headerSchema.safeParse(parseJson(text.toString("utf8"))).data;
  if (header === undefined) throw broken("its header is not a JSON object");

  const dataStart = 8 + headerBytes;
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => {
      const parsed = entrySchema.safeParse(value);
      if (!parsed.success || name.length > maxNameLength) {
        const shown = name.slice(0, maxNameLength);
        throw broken(`the entry of tensor ${shown} is malformed`, shown);
      }
      const { dtype, shape, data_offsets } = parsed.data;
      const [begin, end] = data_offsets.map((offset) => offset + dataStart) as [number, number];
      if (end > size)
        throw broken(`tensor ${name} ends at byte ${end}, the file at ${size} (truncated?)`, name);
      const numBytes = byteLength(dtype, shape) ?? Math.max(0, end - begin);
      if (numBytes !== end - begin)
        throw broken(`tensor ${name} has ${end - begin} bytes, its shape needs ${numBytes}`, name);
      return { name, file, type: dtype, shape, begin, end };
    });
  // As in the reference implementation: no byte is in two tensors, and none in no tensor.
  let covered = dataStart;
  for (const { name, begin, end } of entries.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered)
      throw broken(`tensor ${name} begins at byte ${begin}, where ${covered} is the next`, name);
    covered = end;
  }
  if (covered !== size) throw broken(`its tensors end at byte ${covered}, the file at ${size}`);
  return entries;
}

/** undefined for types this project does not know the size of. */
function byteLength(type: string, shape: readonly number[]): number | undefined {
  const size = (weightTypes as Readonly<Record<string, number>>)[type];
  return size === undefined ? undefined : shape.reduce((product, n) => product * n, size);
}
