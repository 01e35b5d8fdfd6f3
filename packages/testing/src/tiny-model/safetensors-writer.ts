import { writeFileSync } from "node:fs";
import { toBfloat16Bits, toFloat16Bits } from "./float-bits.ts";

/** Number formats of a safetensors file that the writer knows. */
export type TensorDtype = "F32" | "F16" | "BF16";

/** One tensor to write. `values` is row-major and has as many numbers as the shape says. */
export interface NamedTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Size of one number, in bytes. */
export function dtypeByteLength(dtype: TensorDtype): number {
  return dtype === "F32" ? 4 : 2;
}

/**
 * Writes one safetensors file, over what was there.
 *
 * @throws RangeError when a tensor has another number of values than its shape says
 */
export function writeSafetensors(path: string, tensors: readonly NamedTensor[]): void {
  writeFileSync(path, encodeSafetensors(tensors));
}

/**
 * Encodes tensors as the bytes of a safetensors file, their data one after another in the order
 * given, with the metadata `{ "format": "pt" }` that transformers asks for.
 *
 * @throws RangeError when a tensor has another number of values than its shape says
 */
export function encodeSafetensors(tensors: readonly NamedTensor[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const chunk = encodeTensor(tensor);
    const end = offset + chunk.length;
    header[tensor.name] = {
      dtype: tensor.dtype,
      shape: tensor.shape,
      data_offsets: [offset, end],
    };
    chunks.push(chunk);
    offset = end;
  }
  return packSafetensors(header, Buffer.concat(chunks));
}

/**
 * Joins a safetensors header and a data section without looking at either: for files that are
 * broken on purpose.
 *
 * @param header - written as JSON, padded with spaces to a multiple of 8 bytes
 */
export function packSafetensors(header: unknown, data: Uint8Array): Uint8Array {
  const json = Buffer.from(JSON.stringify(header), "utf8");
  const numPadding = (8 - (json.length % 8)) % 8;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + numPadding));
  return Buffer.concat([length, json, Buffer.alloc(numPadding, " "), data]);
}

function encodeTensor({ name, dtype, shape, values }: NamedTensor): Uint8Array {
  const numValues = shape.reduce((product, size) => product * size, 1);
  if (values.length !== numValues) {
    throw new RangeError(
      `tensor ${name} has ${values.length} values, its shape [${shape.join(", ")}] needs ${numValues}`,
    );
  }
  const bytes = new Uint8Array(numValues * dtypeByteLength(dtype));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numValues; i++) {
    const value = values[i] ?? Number.NaN;
    if (dtype === "F32") view.setFloat32(i * 4, value, true);
    else if (dtype === "F16") view.setUint16(i * 2, toFloat16Bits(value), true);
    else view.setUint16(i * 2, toBfloat16Bits(value), true);
  }
  return bytes;
}
