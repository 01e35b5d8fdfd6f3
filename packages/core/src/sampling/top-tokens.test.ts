import fc from "fast-check";
import { expect, test } from "vitest";
import { topTokenIds } from "./top-tokens.ts";

/** Few values, so that there are ties; impossible tokens among them. */
const logit = fc.oneof(
  fc.constantFrom(-1, 0, 0.5, Number.NEGATIVE_INFINITY),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);

test("are the first of all tokens sorted by logit, equal ones by lower id", () => {
  fc.assert(fc.property(fc.float32Array({ noNaN: true }), fc.nat(25), checkAgainstSort), {
    numRuns: 200,
  });
  fc.assert(
    fc.property(fc.array(logit, { maxLength: 60 }), fc.nat(25), (logits, count) =>
      checkAgainstSort(Float32Array.from(logits), count),
    ),
    { numRuns: 300 },
  );
});

function checkAgainstSort(logits: Float32Array, count: number): void {
  const value = (tokenId: number) => logits[tokenId] as number;
  const ids = Array.from(logits, (_, tokenId) => tokenId);
  const sorted = ids.sort((a, b) => (value(a) === value(b) ? a - b : value(b) - value(a)));
  expect(topTokenIds(logits, count)).toEqual(sorted.slice(0, count));
}

test("of impossible tokens only", () => {
  expect(topTokenIds(new Float32Array(4).fill(Number.NEGATIVE_INFINITY), 2)).toEqual([0, 1]);
});
