import { expect, test } from "vitest";
import { encodeSafetensors, packSafetensors } from "./safetensors-writer.ts";

test("a file is a little-endian header length, a padded JSON header and the data", () => {
  const bytes = Buffer.from(
    encodeSafetensors([
      { name: "matrix", dtype: "F32", shape: [1, 2], values: [1, -2] },
      { name: "half", dtype: "F16", shape: [1], values: [1] },
      { name: "brain", dtype: "BF16", shape: [1], values: [1] },
    ]),
  );
  const headerLength = Number(bytes.readBigUInt64LE(0));
  expect(headerLength % 8).toBe(0);
  expect(JSON.parse(bytes.toString("utf8", 8, 8 + headerLength))).toEqual({
    __metadata__: { format: "pt" },
    matrix: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
    half: { dtype: "F16", shape: [1], data_offsets: [8, 10] },
    brain: { dtype: "BF16", shape: [1], data_offsets: [10, 12] },
  });
  expect(bytes.subarray(8 + headerLength).toString("hex")).toBe("0000803f000000c0003c803f");
});

test("values that do not fill the shape are refused", () => {
  expect(() =>
    encodeSafetensors([{ name: "short", dtype: "F32", shape: [2, 3], values: [1] }]),
  ).toThrow(new RangeError("tensor short has 1 values, its shape [2, 3] needs 6"));
});

test("a broken file can be packed", () => {
  const bytes = Buffer.from(packSafetensors({ lost: 1 }, new Uint8Array([7])));
  expect(bytes.toString("latin1", 8)).toBe('{"lost":1}      \x07');
});
