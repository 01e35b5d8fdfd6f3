import { expect, test } from "vitest";
import { decodeDistribution } from "./distributions-codec.ts";

const decode = (tokenIds: readonly number[], weights: readonly number[]) =>
  decodeDistribution({ tokenIds: [...tokenIds], weights: [...weights] }, 7, "distribution");
const manyIds = Array.from({ length: 257 }, (_, id) => id);

test("one of one token, and of 256, is fine", () => {
  const distribution = { tokenIds: Int32Array.of(7), weights: Float32Array.of(1) };
  expect(decode([7], [1])).toEqual(distribution);
  expect(() => decode(manyIds.slice(0, 256), Array(256).fill(1 / 256))).not.toThrow();
});

test("weights may add up to a little more than 1, as rounding makes such", () => {
  expect(() => decode([7, 8], [1, 0.009])).not.toThrow();
  expect(() => decode([7], [1.0009])).not.toThrow();
});

test.each<[string, number[], number[], string, string]>([
  ["empty", [], [], "token_ids", 'must be 1 to 256 ids, got "0 ids"'],
  ["too long", manyIds, Array(257).fill(0), "token_ids", 'must be 1 to 256 ids, got "257 ids"'],
  ...[0, -1, Number.NaN, 1.25, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(
    (weight): [string, number[], number[], string, string] => [
      `with weight ${weight}`,
      [7, 8],
      [0.5, weight],
      "weights[1]",
      `must be above 0 and at most 1.001, got ${weight}`,
    ],
  ),
  ["with a sum of 1.25", [7, 8], [0.75, 0.5], "weights", "must add up to at most 1.01, got 1.25"],
  ["with a token twice", [7, 7], [0.5, 0.5], "token_ids", 'must all be different, got "7,7"'],
  [
    "with a token of 32 bits, which would turn negative",
    [7, 2 ** 31],
    [0.5, 0.5],
    "token_ids",
    "must be at most 2147483647, got 2147483648",
  ],
  ["without the drafted token", [8], [1], "token_ids", "must hold the drafted token, got 7"],
])("one %s is refused", (_, tokenIds, weights, part, rule) => {
  const field = `distribution.${part}`;
  expect(() => decode(tokenIds, weights)).toThrow(
    expect.objectContaining({ code: "invalid_argument", field, message: `${field} ${rule}` }),
  );
});
