import { describe, expect, test } from "vitest";
import { Verification } from "../definitions.ts";
import type { Commit as WireCommit } from "../gen/adaedl/v2/Commit.ts";
import type { VerifyResponse as WireResponse } from "../gen/adaedl/v2/VerifyResponse.ts";
import { decodeResponseBytes } from "./bytes.ts";

const { responseSerialize } = Verification.service.Verify;

/** Sends what our own verifier would not, and decodes it. */
const decodeSent = (wire: WireResponse) => decodeResponseBytes(responseSerialize(wire));

const broken = (field: string, rule: string) =>
  expect.objectContaining({
    code: "internal",
    field,
    message: `from the verifier: ${field} ${rule}`,
  });

const aCommit: WireCommit = {
  position: 5,
  tokenIds: [7, 8],
  numJudged: 3,
  numAccepted: 1,
  queueMs: 1,
  verifyMs: 30,
  batchSize: 2,
};

test("a commit without log-probabilities has empty lists", () => {
  expect(decodeSent({ commit: aCommit })).toEqual({
    type: "commit",
    commit: { position: 5, tokenIds: [7, 8], numJudged: 3, numAccepted: 1 },
    facts: { queueMs: 1, verifyMs: 30, batchSize: 2, logprobs: [], topLogprobs: [] },
  });
});

test("numerics that are no digits are refused", () => {
  expect(() => decodeSent({ opened: { numerics: "a\nb" } })).toThrow(
    broken("opened.numerics", 'must be at most 64 hexadecimal digits, got "a\\nb"'),
  );
});

describe("a commit", () => {
  const top = { tokenIds: [7], logprobs: [-1] };
  const manyIds = Array(21).fill(1);
  test.each<[string, WireCommit, string, string]>([
    ["no token", { tokenIds: [] }, "commit.token_ids", 'must be 1 to 65 ids, got "0 ids"'],
    [
      "too many tokens",
      { tokenIds: Array(66).fill(1) },
      "commit.token_ids",
      'must be 1 to 65 ids, got "66 ids"',
    ],
    ["too many judged", { numJudged: 65 }, "commit.num_judged", "must be at most 64, got 65"],
    [
      "more accepted than judged",
      { numAccepted: 4 },
      "commit.num_accepted",
      "must be at most num_judged (3), got 4",
    ],
    [
      "a negative time",
      { queueMs: -1 },
      "commit.queue_ms",
      "must be milliseconds, 0 or more, got -1",
    ],
    [
      "an endless time",
      { verifyMs: Number.POSITIVE_INFINITY },
      "commit.verify_ms",
      "must be milliseconds, 0 or more, got Infinity",
    ],
    ["an empty batch", { batchSize: 0 }, "commit.batch_size", "must be 1 or more, got 0"],
    [
      "a log-probability too few",
      { logprobs: [-1] },
      "commit.logprobs",
      "must be 0 or one for each token (2), got 1",
    ],
    [
      "a log-probability that is no number",
      { logprobs: [-1, Number.NaN] },
      "commit.logprobs[1]",
      "must be a log-probability, got NaN",
    ],
    [
      "a place too many",
      { topLogprobs: [top, top, top] },
      "commit.top_logprobs",
      "must be 0 or one for each token (2), got 3",
    ],
    [
      "too many of the most probable tokens",
      { topLogprobs: [top, { tokenIds: manyIds, logprobs: manyIds }] },
      "commit.top_logprobs[1].token_ids",
      'must be at most 20 ids, got "21 ids"',
    ],
    [
      "most probable tokens without as many log-probabilities",
      { topLogprobs: [{ tokenIds: [1, 2], logprobs: [-1] }, top] },
      "commit.top_logprobs[0].logprobs",
      "must be as many as there are ids (2), got 1",
    ],
    [
      "an infinite log-probability",
      { topLogprobs: [{ tokenIds: [1], logprobs: [Number.POSITIVE_INFINITY] }, top] },
      "commit.top_logprobs[0].logprobs[0]",
      "must be a log-probability, got Infinity",
    ],
    [
      "more likely tokens in one place than in another",
      { successors: [1, 2, 3] },
      "commit.successors",
      'must be 0 to 8 ids for each token (2), got "3 ids"',
    ],
    [
      "too many likely tokens",
      { successors: Array(18).fill(1) },
      "commit.successors",
      'must be 0 to 8 ids for each token (2), got "18 ids"',
    ],
  ])("with %s is an internal error", (_, part, field, rule) => {
    expect(() => decodeSent({ commit: { ...aCommit, ...part } })).toThrow(broken(field, rule));
  });
});

test("an opening that took no time that there is, is an internal error", () => {
  expect(() => decodeSent({ opened: { queueMs: 0, verifyMs: Number.NaN } })).toThrow(
    broken("opened.verify_ms", "must be milliseconds, 0 or more, got NaN"),
  );
});

test("a response of an unknown type is an internal error", () => {
  expect(() => decodeResponseBytes(Buffer.alloc(0))).toThrow(
    expect.objectContaining({
      code: "internal",
      message: "unknown message type from the verifier (newer peer?)",
    }),
  );
});

test("bytes that are no message are an internal error", () => {
  expect(() => decodeResponseBytes(Buffer.alloc(9, 0xff))).toThrow(
    expect.objectContaining({
      code: "internal",
      message: "from the verifier: message must be a VerifyResponse",
    }),
  );
});

test("an end whose reason is not known counts as cancelled", () => {
  // Field 3 (finished), a message of two bytes: field 1 (reason) is 99.
  const bytes = Buffer.from([0x1a, 2, 0x08, 99]);
  expect(decodeResponseBytes(bytes)).toEqual({ type: "finished", reason: "cancelled" });
});
