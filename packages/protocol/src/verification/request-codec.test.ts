import { describe, expect, test } from "vitest";
import { Verification } from "../definitions.ts";
import type { Offer as WireOffer } from "../gen/adaedl/v2/Offer.ts";
import type { Open as WireOpen } from "../gen/adaedl/v2/Open.ts";
import type { VerifyRequest as WireRequest } from "../gen/adaedl/v2/VerifyRequest.ts";
import { decodeRequestBytes } from "./bytes.ts";

const { requestSerialize } = Verification.service.Verify;

/** Sends what our own client would not, and decodes it. */
const decodeSent = (wire: WireRequest) => decodeRequestBytes(requestSerialize(wire));

const refusal = (field: string, rule: string) =>
  expect.objectContaining({ code: "invalid_argument", field, message: `${field} ${rule}` });

const anOpen: WireOpen = { sessionId: "s", promptTokenIds: [1], maxTokens: 1 };
/** Three nodes: 4 follows the base, 5 and 6 follow 4. */
const anOffer: WireOffer = {
  firstId: 4,
  parentOffsets: [0, 1, 2],
  tokenIds: [7, 8, 9],
  chances: Buffer.from([0, 32, 255]),
};

test.each([
  ["no bytes", Buffer.alloc(0)],
  ["a kind of a newer version", Buffer.from([0x7a, 0])],
])("a message of no kind is refused: %s", (_, bytes) => {
  expect(() => decodeRequestBytes(bytes)).toThrow(
    refusal("message", "must be open, offer or cancel"),
  );
});

test("bytes that are no message are refused", () => {
  expect(() => decodeRequestBytes(Buffer.alloc(9, 0xff))).toThrow(
    refusal("message", "must be a VerifyRequest"),
  );
});

describe("an open", () => {
  test("without what may be left out has the neutral values", () => {
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
      endTokenIds: [],
      credit: 0,
      wantsLogprobs: false,
      numTopLogprobs: 0,
      modelId: "",
      edgeDraftsOnly: false,
      weights: "",
      numerics: "",
      numSuccessors: 0,
    });
  });

  const logitBias = Object.fromEntries(Array.from({ length: 1_025 }, (_, id) => [id, 1]));
  test.each<[string, WireOpen, string, string]>([
    ...["", "a b", "a\n", "ä", "a\0", "0".repeat(65)].map(
      (sessionId): [string, WireOpen, string, string] => [
        `session ${JSON.stringify(sessionId)}`,
        { sessionId },
        "session_id",
        `must be 1 to 64 letters, digits, - and _, got ${JSON.stringify(sessionId)}`,
      ],
    ),
    [
      "21 of the most probable tokens",
      { numTopLogprobs: 21 },
      "num_top_logprobs",
      "must be 0 to 20, got 21",
    ],
    ["9 likely tokens", { numSuccessors: 9 }, "num_successors", "must be 0 to 8, got 9"],
    ...["x", "AB", "12 ", "0".repeat(65)].map((numerics): [string, WireOpen, string, string] => [
      `numerics ${JSON.stringify(numerics)}`,
      { numerics },
      "numerics",
      `must be at most 64 hexadecimal digits, got ${JSON.stringify(numerics)}`,
    ]),
    [
      "seed 2^53",
      { seed: "9007199254740992" },
      "seed",
      'must be a whole number from 0 to 2^53 - 1, got "9007199254740992"',
    ],
    [
      "an unknown verification rule",
      { verificationRule: 99 as never },
      "verification_rule",
      "must be one of the rules in sampling.proto, got 99",
    ],
    [
      "too many logit biases",
      { sampling: { logitBias } },
      "logit_bias",
      'takes at most 1024, got "1025 entries"',
    ],
    [
      "too many end tokens",
      { endTokenIds: Array(257).fill(1) },
      "end_token_ids",
      "must be at most 256, got 257",
    ],
  ])("with %s is refused", (_, part, field, rule) => {
    expect(() => decodeSent({ open: { ...anOpen, ...part } })).toThrow(refusal(field, rule));
  });

  test("may name as many as 256 end tokens", () => {
    const endTokenIds = Array(256).fill(1);
    expect(decodeSent({ open: { ...anOpen, endTokenIds } })).toMatchObject({ endTokenIds });
  });
});

describe("an offer", () => {
  const distributions = { sizes: [1, 2, 1], tokenIds: [7, 8, 1, 9], weights: [1, 0.5, 0.5, 1] };
  const manyZeros = Array(257).fill(0);

  test("names parents by their ids, and chances as numbers", () => {
    expect(decodeSent({ offer: anOffer })).toEqual({
      type: "offer",
      offer: {
        firstId: 4,
        nodes: [
          { parent: 0, tokenId: 7, chance: 1 },
          { parent: 4, tokenId: 8, chance: Math.exp(-1) },
          { parent: 4, tokenId: 9, chance: Math.exp(-255 / 32) },
        ],
        credit: 0,
      },
    });
  });

  test("may have a distribution for each node", () => {
    expect(decodeSent({ offer: { ...anOffer, distributions } })).toMatchObject({
      offer: {
        nodes: [
          { distribution: { tokenIds: Int32Array.of(7), weights: Float32Array.of(1) } },
          { distribution: { tokenIds: Int32Array.of(8, 1), weights: Float32Array.of(0.5, 0.5) } },
          { distribution: { tokenIds: Int32Array.of(9), weights: Float32Array.of(1) } },
        ],
      },
    });
  });

  const drawn = (part: object) => ({ distributions: { ...distributions, ...part } });
  test.each<[string, WireOffer, string, string]>([
    ["no first id", { firstId: 0 }, "offer.first_id", "must be 1 or more, got 0"],
    [
      "257 nodes",
      { parentOffsets: manyZeros, tokenIds: manyZeros, chances: Buffer.alloc(257) },
      "offer.parent_offsets",
      "must be at most 256, got 257",
    ],
    [
      "a token too few",
      { tokenIds: [7, 8] },
      "offer.token_ids",
      "must be as many as there are parent_offsets (3), got 2",
    ],
    [
      "a chance too many",
      { chances: Buffer.alloc(4) },
      "offer.chances",
      "must be as many as there are parent_offsets (3), got 4",
    ],
    [
      "no parent offsets",
      { parentOffsets: [] },
      "offer.token_ids",
      "must be as many as there are parent_offsets (0), got 3",
    ],
    [
      "the base as a node",
      { parentOffsets: [0, 5, 2] },
      "offer.parent_offsets[1]",
      "must be 0 to 4, got 5",
    ],
    [
      "a parent before the first",
      { parentOffsets: [0, 1, 2 ** 32 - 1] },
      "offer.parent_offsets[2]",
      "must be 0 to 5, got 4294967295",
    ],
    [
      "a distribution too few",
      drawn({ sizes: [1, 2] }),
      "offer.distributions.sizes",
      "must be one for each node (3), got 2",
    ],
    [
      "sizes beyond the tokens",
      drawn({ sizes: [1, 2, 2 ** 32 - 1] }),
      "offer.distributions.token_ids",
      "must be as many as the sizes add up to (4294967298), got 4",
    ],
    [
      "a weight too few",
      drawn({ weights: [1, 0.5, 0.5] }),
      "offer.distributions.weights",
      "must be as many as the sizes add up to (4), got 3",
    ],
    [
      "an empty distribution",
      drawn({ sizes: [0, 3, 1] }),
      "offer.distributions[0].token_ids",
      'must be 1 to 256 ids, got "0 ids"',
    ],
    [
      "a weight of 0",
      drawn({ weights: [1, 0.5, 0, 1] }),
      "offer.distributions[1].weights[1]",
      "must be above 0 and at most 1.001, got 0",
    ],
    [
      "a sum above 1",
      drawn({ weights: [1, 0.75, 0.75, 1] }),
      "offer.distributions[1].weights",
      "must add up to at most 1.01, got 1.5",
    ],
    [
      "a distribution without its token",
      drawn({ tokenIds: [7, 8, 1, 5] }),
      "offer.distributions[2].token_ids",
      "must hold the drafted token, got 9",
    ],
  ])("with %s is refused", (_, part, field, rule) => {
    expect(() => decodeSent({ offer: { ...anOffer, ...part } })).toThrow(refusal(field, rule));
  });

  test("may have 256 nodes, and no parent further away than there are nodes", () => {
    const parentOffsets = Array.from({ length: 256 }, (_, index) => index);
    const offer = { parentOffsets, tokenIds: parentOffsets, chances: Buffer.alloc(256) };
    const decoded = decodeSent({ offer: { ...offer, firstId: 1 } });
    expect(decoded).toHaveProperty("offer.nodes.length", 256);
    expect(decoded).toHaveProperty("offer.nodes[255]", { parent: 1, tokenId: 255, chance: 1 });
  });
});
