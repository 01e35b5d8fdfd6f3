import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { toBfloat16Bits, toFloat16Bits } from "../tiny-model/float-bits.ts";
import { packSafetensors } from "../tiny-model/safetensors-writer.ts";
import { readTensorFile } from "./tensor-file.ts";

const root = mkdtempSync(join(tmpdir(), "tensor-file-"));
afterAll(() => rmSync(root, { recursive: true }));

const ALL_BITS = Array.from({ length: 65536 }, (_, bits) => bits);

test.each([
  ["F16", toFloat16Bits, 0x3555, 0.333251953125],
  ["BF16", toBfloat16Bits, 0x4049, 3.140625],
] as const)("all %s numbers are read as what the writer makes of them", (...row) => {
  const [dtype, toBits, knownBits, knownValue] = row;
  const path = join(root, `${dtype}.safetensors`);
  const data = Buffer.from(Uint16Array.from(ALL_BITS).buffer);
  const header = { all: { dtype, shape: [65536], data_offsets: [0, data.length] } };
  writeFileSync(path, packSafetensors(header, data));

  const values = readTensorFile(path).get("all")?.values ?? new Float64Array();
  expect(values[knownBits]).toBe(knownValue);
  const changed = ALL_BITS.filter((bits) => {
    const value = values[bits] ?? Number.NaN;
    return !Number.isNaN(value) && toBits(value) !== bits;
  });
  expect(changed).toEqual([]);
});

test("other formats are refused", () => {
  const path = join(root, "I8.safetensors");
  const header = { small: { dtype: "I8", shape: [1], data_offsets: [0, 1] } };
  writeFileSync(path, packSafetensors(header, Uint8Array.of(1)));
  expect(() => readTensorFile(path)).toThrow(new Error("the reference reads no I8 tensors"));
});
