import { expect, test } from "vitest";
import { countSpans } from "./count-spans.ts";

/** A field with a length below 128. */
const field = (number: number, ...content: readonly number[][]) => {
  const bytes = content.flat();
  return [number * 8 + 2, bytes.length, ...bytes];
};

test("spans of every scope of every resource are counted, and nothing else is", () => {
  const span = field(2, [8, 255, 1], [9, ...Array<number>(8).fill(1)], [21, 1, 2, 3, 4]);
  const [resource, schemaUrl] = [field(1, field(1, [18, 0])), field(3, [104, 105])];
  const scope = (numSpans: number) =>
    field(2, field(1, [10, 0]), ...Array<number[]>(numSpans).fill(span), schemaUrl);
  const message = [
    ...field(1, resource, scope(2), scope(0)),
    ...field(1, resource),
    ...field(1, scope(1), schemaUrl),
  ];
  expect(countSpans(Uint8Array.from(message))).toBe(3);
  expect(countSpans(new Uint8Array())).toBe(0);
});

test("lengths may take several bytes", () => {
  const name = [10, 200, 1, ...Array<number>(200).fill(97)];
  const long = (tag: number, content: number[]) => {
    const { length } = content;
    return [tag, (length & 127) | 128, length >> 7, ...content];
  };
  const message = long(10, long(18, long(18, name)));
  expect(countSpans(Uint8Array.from(message))).toBe(1);
});

test("a message that ends in the middle is an error", () => {
  expect(() => countSpans(Uint8Array.from([10, 5, 18]))).toThrow(RangeError);
  expect(() => countSpans(Uint8Array.from([10, 128]))).toThrow(RangeError);
});
