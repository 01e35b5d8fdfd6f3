import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensors, packSafetensors } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { failureOf, writeFiles } from "../temporary-directory.cases.ts";
import { readHeader } from "./header.ts";

const file = join(writeFiles({}), "model.safetensors");

async function read(bytes: Uint8Array) {
  writeFileSync(file, bytes);
  const handle = await open(file);
  try {
    return await readHeader(handle, file);
  } finally {
    await handle.close();
  }
}

const invalid = (problem: string, field = file) => ({
  code: "invalid_argument",
  message: `${file} is not a whole safetensors file: ${problem}`,
  field,
});

/** A header of the given text, as its author left it. */
function withHeader(text: string, data = new Uint8Array(0)): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text), data]);
}

test("entries say where each tensor lies in the file, metadata is none", async () => {
  const header = {
    __metadata__: { format: "pt" },
    scalar: { dtype: "F32", shape: [], data_offsets: [0, 4] },
    matrix: { dtype: "BF16", shape: [2, 3], data_offsets: [4, 16] },
    half: { dtype: "F16", shape: [1], data_offsets: [16, 18] },
    empty: { dtype: "F32", shape: [0, 7], data_offsets: [18, 18] },
  };
  const bytes = packSafetensors(header, new Uint8Array(18));
  const start = bytes.length - 18;
  expect(await read(bytes)).toEqual([
    { name: "scalar", file, type: "F32", shape: [], begin: start, end: start + 4 },
    { name: "matrix", file, type: "BF16", shape: [2, 3], begin: start + 4, end: start + 16 },
    { name: "half", file, type: "F16", shape: [1], begin: start + 16, end: start + 18 },
    { name: "empty", file, type: "F32", shape: [0, 7], begin: start + 18, end: start + 18 },
  ]);
});

test("a file without tensors is whole", async () => {
  expect(await read(packSafetensors({}, new Uint8Array(0)))).toEqual([]);
});

test("a type of unknown size is passed on, whatever its number of bytes", async () => {
  const entry = { dtype: "I8", shape: [3], data_offsets: [0, 3] };
  const [found] = await read(packSafetensors({ packed: entry }, new Uint8Array(3)));
  expect(found).toMatchObject({ name: "packed", type: "I8", shape: [3] });
});

test("every truncation of a whole file is refused", async () => {
  const bytes = encodeSafetensors([{ name: "a", dtype: "F32", shape: [2], values: [1, 2] }]);
  expect(await read(bytes)).toHaveLength(1);
  for (let length = 0; length < bytes.length; length++) {
    const failure = await failureOf(read(bytes.subarray(0, length)));
    expect(failure.code, `${length} bytes`).toBe("invalid_argument");
    expect(failure.message).toContain(`${file} is not a whole safetensors file: `);
  }
});

describe("what is wrong is said", () => {
  test("too few bytes for the length of the header", async () => {
    expect(await failureOf(read(new Uint8Array(7)))).toEqual(
      invalid("7 bytes are too few for a header"),
    );
  });

  test.each([13n, 1000n, 2n ** 63n])("a header of %d bytes in a file of 20", async (claimed) => {
    const bytes = Buffer.alloc(20);
    bytes.writeBigUInt64LE(claimed);
    expect(await failureOf(read(bytes))).toEqual(
      invalid(`its header of ${Number(claimed)} bytes does not fit into 20 bytes`),
    );
  });

  test.each(["", "{", "[]", "null", "7", '"text"', "\u0000\u0001"])("header %j", async (text) => {
    expect(await failureOf(read(withHeader(text)))).toEqual(
      invalid("its header is not a JSON object"),
    );
  });

  test("a tensor that ends beyond the file", async () => {
    const entry = { dtype: "F32", shape: [4], data_offsets: [0, 16] };
    const bytes = packSafetensors({ a: entry }, new Uint8Array(15));
    expect(await failureOf(read(bytes))).toEqual(
      invalid(
        `tensor a ends at byte ${bytes.length + 1}, the file at ${bytes.length} (truncated?)`,
        "a",
      ),
    );
  });

  test.each([
    ["F32", [2, 3], 20, 24],
    ["F16", [5], 12, 10],
    ["BF16", [], 4, 2],
    ["F32", [0], 4, 0],
  ])("%s %j in %d bytes", async (dtype, shape, numBytes, needed) => {
    const entry = { dtype, shape, data_offsets: [0, numBytes] };
    expect(await failureOf(read(packSafetensors({ a: entry }, new Uint8Array(24))))).toEqual(
      invalid(`tensor a has ${numBytes} bytes, its shape needs ${needed}`, "a"),
    );
  });

  test("offsets that run backwards", async () => {
    const entry = { dtype: "F32", shape: [1], data_offsets: [8, 4] };
    expect(await failureOf(read(packSafetensors({ a: entry }, new Uint8Array(8))))).toEqual(
      invalid("tensor a has -4 bytes, its shape needs 4", "a"),
    );
  });

  test.each([
    null,
    7,
    [],
    {},
    { shape: [1], data_offsets: [0, 4] },
    { dtype: 1, shape: [1], data_offsets: [0, 4] },
    { dtype: "F32", data_offsets: [0, 4] },
    { dtype: "F32", shape: [-1], data_offsets: [0, 4] },
    { dtype: "F32", shape: [0.5], data_offsets: [0, 4] },
    { dtype: "F32", shape: ["1"], data_offsets: [0, 4] },
    { dtype: "F32", shape: [1] },
    { dtype: "F32", shape: [1], data_offsets: [0] },
    { dtype: "F32", shape: [1], data_offsets: [0, 4, 8] },
    { dtype: "F32", shape: [1], data_offsets: [-4, 0] },
    { dtype: "F32", shape: [1], data_offsets: [0, "4"] },
    { dtype: "F32", shape: [1], data_offsets: [2 ** 60, 2 ** 60 + 4] },
  ])("entry %j", async (entry) => {
    const header = { good: { dtype: "F32", shape: [1], data_offsets: [0, 4] }, bad: entry };
    expect(await failureOf(read(packSafetensors(header, new Uint8Array(4))))).toEqual(
      invalid("the entry of tensor bad is malformed", "bad"),
    );
  });
});
