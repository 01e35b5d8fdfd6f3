import { describe, expect, test } from "vitest";
import { Verification } from "../definitions.ts";
import type { Open as WireOpen } from "../gen/adaedl/v1/Open.ts";
import type { VerifyRequest as WireRequest } from "../gen/adaedl/v1/VerifyRequest.ts";
import { decodeVerifyRequest } from "./decode-request.ts";

const { requestSerialize, requestDeserialize } = Verification.service.Verify;

/** Sends what our own client would not, and decodes it. */
function decodeSent(wire: WireRequest) {
  return decodeVerifyRequest(requestDeserialize(requestSerialize(wire)));
}

const refusal = (field: string, message: string) =>
  expect.objectContaining({ code: "invalid_argument", field, message });

const anOpen: WireOpen = { sessionId: "s", promptTokenIds: [1], maxTokens: 1 };
const draft = (token: object) => ({
  draftToken: { round: 1, position: 4, tokenId: 7, entropy: 0.5, ...token },
});
const drawnFrom = (tokenIds: number[], weights: number[]) =>
  draft({ distribution: { tokenIds, weights } });

test.each([
  ["no bytes", Buffer.alloc(0)],
  ["a kind of a newer version", Buffer.from([0x7a, 0])],
])("a message of no kind is refused: %s", (_, bytes) => {
  expect(() => decodeVerifyRequest(requestDeserialize(bytes))).toThrow(
    refusal("message", "message must be open, draft_token, end_of_draft or cancel"),
  );
});

describe("session_id", () => {
  test.each(["a", "Z9", "_-", "0".repeat(64)])("%s is fine", (sessionId) => {
    expect(decodeSent({ open: { ...anOpen, sessionId } })).toMatchObject({ sessionId });
  });

  test.each(["", "a b", "a\n", "a/b", "ä", "a\0", "0".repeat(65)])("%j is refused", (sessionId) => {
    expect(() => decodeSent({ open: { ...anOpen, sessionId } })).toThrow(
      refusal(
        "session_id",
        `session_id must be 1 to 64 letters, digits, - and _, got ${JSON.stringify(sessionId)}`,
      ),
    );
  });
});

test("an open without what a version may leave out has the neutral values", () => {
  expect(decodeSent({ open: anOpen })).toEqual({
    type: "open",
    sessionId: "s",
    protocolVersion: { major: 0, minor: 0 },
    vocabulary: { size: 0, digest: "", tokenizerDigest: "" },
    promptTokenIds: [1],
    committedTokenIds: [],
    sampling: {},
    seed: 0,
    verification: "shared-noise",
    maxTokens: 1,
    wantsLogprobs: false,
    numTopLogprobs: 0,
    nextRound: 0,
    modelId: "",
  });
});

test.each(["9007199254740992", "9223372036854775808", "18446744073709551615"])(
  "seed %s is refused",
  (seed) => {
    expect(() => decodeSent({ open: { ...anOpen, seed } })).toThrow(
      refusal("seed", `seed must be a whole number from 0 to 2^53 - 1, got "${seed}"`),
    );
  },
);

test("more than 20 of the most probable tokens are refused", () => {
  const asking = (numTopLogprobs: number) => decodeSent({ open: { ...anOpen, numTopLogprobs } });
  expect(asking(20)).toMatchObject({ numTopLogprobs: 20 });
  expect(() => asking(21)).toThrow(
    refusal("num_top_logprobs", "num_top_logprobs must be a whole number from 0 to 20, got 21"),
  );
});

test("a verification rule that is not known is refused", () => {
  expect(() => decodeSent({ open: { ...anOpen, verificationRule: 99 as never } })).toThrow(
    refusal(
      "verification_rule",
      "verification_rule must be one of the rules in sampling.proto, got 99",
    ),
  );
});

test("more than 1024 logit biases are refused", () => {
  const logitBias = Object.fromEntries(Array.from({ length: 1_025 }, (_, id) => [id, 1]));
  expect(() => decodeSent({ open: { ...anOpen, sampling: { logitBias } } })).toThrow(
    refusal("logit_bias", 'logit_bias takes at most 1024, got "1025 entries"'),
  );
});

test("a reason that is not known, or none, changes nothing about the round", () => {
  const end = { round: 3, committedLength: 5, committedHash: "6" };
  for (const reason of [99, 0])
    expect(decodeSent({ endOfDraft: { ...end, reason: reason as never } })).toEqual({
      type: "endOfDraft",
      round: 3,
      committedLength: 5,
      committedHash: 6n,
      reason: undefined,
      numPlainTokens: 0,
    });
});

describe("entropy", () => {
  test.each([Number.NaN, -1e-30, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%d is refused",
    (entropy) => {
      expect(() => decodeSent(draft({ entropy }))).toThrow(
        refusal(
          "draft_token.entropy",
          `draft_token.entropy must be a number of nats, 0 or more, got ${Math.fround(entropy)}`,
        ),
      );
    },
  );

  test.each([0, 0.5, 1e30])("%d is fine", (entropy) => {
    const token = { entropy: Math.fround(entropy) };
    expect(decodeSent(draft({ entropy }))).toMatchObject({ token });
  });
});

describe("a distribution", () => {
  const field = "draft_token.distribution";
  const manyIds = Array.from({ length: 257 }, (_, id) => id);

  test("of one token, and of 256, is fine", () => {
    expect(decodeSent(drawnFrom([7], [1]))).toMatchObject({
      token: { distribution: { tokenIds: Int32Array.of(7), weights: Float32Array.of(1) } },
    });
    const ids = manyIds.slice(0, 256);
    expect(() => decodeSent(drawnFrom(ids, Array(256).fill(1 / 256)))).not.toThrow();
  });

  test("whose weights add up to a little more than 1 is fine, as rounding makes such", () => {
    expect(() => decodeSent(drawnFrom([7, 8], [1, 0.009]))).not.toThrow();
    expect(() => decodeSent(drawnFrom([7], [1.0009]))).not.toThrow();
  });

  test.each<[string, number[], number[], string, string]>([
    ["empty", [], [], "token_ids", 'must be 1 to 256 ids, got "0 ids"'],
    [
      "too long",
      manyIds,
      Array(257).fill(1 / 257),
      "token_ids",
      'must be 1 to 256 ids, got "257 ids"',
    ],
    [
      "without some weights",
      [7, 8],
      [0.5],
      "weights",
      'must be as many as there are ids (2), got "1 weights"',
    ],
    [
      "with too many weights",
      [7],
      [0.5, 0.5],
      "weights",
      'must be as many as there are ids (1), got "2 weights"',
    ],
    ["with weight 0", [7, 8], [1, 0], "weights[1]", "must be above 0 and at most 1.001, got 0"],
    ["with weight -1", [7], [-1], "weights[0]", "must be above 0 and at most 1.001, got -1"],
    [
      "with no number",
      [7],
      [Number.NaN],
      "weights[0]",
      "must be above 0 and at most 1.001, got NaN",
    ],
    ["with weight 1.25", [7], [1.25], "weights[0]", "must be above 0 and at most 1.001, got 1.25"],
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
  ])("%s is refused", (_, tokenIds, weights, part, rule) => {
    expect(() => decodeSent(drawnFrom(tokenIds, weights))).toThrow(
      refusal(`${field}.${part}`, `${field}.${part} ${rule}`),
    );
  });

  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-50])(
    "with weight %d is refused",
    (weight) => {
      expect(() => decodeSent(drawnFrom([7], [weight]))).toThrow(
        `${field}.weights[0] must be above 0 and at most 1.001, got ${Math.fround(weight)}`,
      );
    },
  );
});
