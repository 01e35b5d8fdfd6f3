import { AdaedlError, type Offer } from "@adaedl/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxMessageBytes } from "../limits.ts";
import {
  decodeRequestBytes,
  decodeResponseBytes,
  encodeRequestBytes,
  encodeResponseBytes,
} from "./bytes.ts";
import { maxOfferBytes, maxResponseBytes } from "./limits.ts";
import { verifyRequests, verifyResponses } from "./messages.cases.ts";
import type { VerifyResponse } from "./messages.ts";
import { decodeChance, encodeChance } from "./request-codec.ts";

test("every request is the same on the other side", () => {
  fc.assert(
    fc.property(verifyRequests, (message) => {
      expect(decodeRequestBytes(encodeRequestBytes(message))).toEqual(message);
    }),
    { numRuns: 200 },
  );
});

test("every response is the same on the other side, and small enough", () => {
  fc.assert(
    fc.property(verifyResponses, (message) => {
      const bytes = encodeResponseBytes(message);
      expect(decodeResponseBytes(bytes)).toEqual(message);
      expect(bytes.length).toBeLessThan(maxResponseBytes / 4);
    }),
    { numRuns: 300 },
  );
});

test.each([0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])("hash %i keeps all its bits", (hash) => {
  const offer = { base: { length: 4, hash }, firstId: 1, nodes: [], credit: 4 };
  const bytes = encodeRequestBytes({ type: "offer", offer });
  expect(decodeRequestBytes(bytes)).toEqual({ type: "offer", offer });
});

describe("a chance", () => {
  test("that a byte stands for is coded as this byte", () => {
    for (let byte = 0; byte < 256; byte++) expect(encodeChance(decodeChance(byte))).toBe(byte);
    expect(decodeChance(0)).toBe(1);
  });

  test("keeps its order, never becomes 0, and is off by 1.6 % at most", () => {
    const chances = fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true });
    fc.assert(
      fc.property(chances, chances, (some, other) => {
        const [low, high] = some < other ? [some, other] : [other, some];
        expect(encodeChance(high)).toBeLessThanOrEqual(encodeChance(low));
        const coded = decodeChance(encodeChance(low));
        expect(coded).toBeGreaterThan(0);
        expect(coded).toBeLessThanOrEqual(1);
        if (low > decodeChance(255)) expect(Math.abs(coded / low - 1)).toBeLessThan(0.016);
      }),
    );
  });
});

describe("bytes per node", () => {
  /** A draft forward of `numPlaces` nodes with three candidates each, in the middle of a long text. */
  function typicalOffer(numPlaces: number, tokenIdOf: (index: number) => number): Offer {
    const firstId = 4_000;
    const nodes = Array.from({ length: 3 * numPlaces }, (_, index) => ({
      parent: firstId - 12 + Math.floor(index / 3),
      tokenId: tokenIdOf(index),
      chance: 0.8 / (1 + (index % 3)),
    }));
    return { firstId, nodes, credit: 1_500 };
  }
  // Vocabularies are ordered by frequency: most tokens of a text have ids of two bytes, some of three.
  const tokenIdOf = (index: number) => (index % 3 === 2 ? 100_000 : 1_000) + 37 * index;
  const bytesOf = (offer: Offer) => encodeRequestBytes({ type: "offer", offer }).length;

  test("are at most 6 for the offer of a draft forward of width 4", () => {
    expect(bytesOf(typicalOffer(4, tokenIdOf)) / 12).toBeLessThanOrEqual(6);
  });

  test("are 4 or 5, the message's own 14 bytes apart", () => {
    for (const numPlaces of [1, 2, 3, 4, 6]) {
      const numNodes = 3 * numPlaces;
      expect(bytesOf(typicalOffer(numPlaces, () => 1_000))).toBe(14 + 4 * numNodes);
      expect(bytesOf(typicalOffer(numPlaces, () => 150_000))).toBe(14 + 5 * numNodes);
    }
  });

  test("of a base are 14 a message more, and a node that follows it takes no more than others", () => {
    const offer = typicalOffer(4, tokenIdOf);
    const nodes = offer.nodes.map((node, index) => (index < 3 ? { ...node, parent: 0 } : node));
    const base = { length: 1_500, hash: 2n ** 64n - 1n };
    expect(bytesOf({ ...offer, base, nodes })).toBe(bytesOf(offer) + 14);
  });

  test("are none in an offer of credit alone, which takes 10 bytes", () => {
    expect(bytesOf({ firstId: 4_000, nodes: [], credit: 1_500 })).toBe(10);
  });
});

const endings = {
  request: { decode: decodeRequestBytes, code: "invalid_argument" },
  response: { decode: decodeResponseBytes, code: "internal" },
} as const;

describe.each(["request", "response"] as const)("bytes of a %s", (kind) => {
  const { decode, code } = endings[kind];
  const good =
    kind === "request"
      ? verifyRequests.map(encodeRequestBytes)
      : verifyResponses.map(encodeResponseBytes);

  function outcomeOf(bytes: Uint8Array): "message" | "refused" {
    try {
      expect(decode(bytes)).toBeTypeOf("object");
      return "message";
    } catch (error) {
      if (!(error instanceof AdaedlError) || error.code !== code) throw error;
      return "refused";
    }
  }

  test(`at random are a message or ${code}`, () => {
    const seen = new Set<string>();
    const byte = fc.oneof(fc.nat(255), fc.nat(0x62));
    // Of the length that a first field says, or of any other.
    const message = fc
      .tuple(fc.constantFrom(0x0a, 0x12, 0x1a), fc.array(byte, { maxLength: 30 }))
      .map(([tag, bytes]) => [tag, bytes.length, ...bytes]);
    fc.assert(
      fc.property(fc.oneof(message, fc.array(byte, { maxLength: 60 })), (bytes) => {
        seen.add(outcomeOf(Uint8Array.from(bytes)));
      }),
      { numRuns: 2_000 },
    );
    expect(seen).toEqual(new Set(["message", "refused"]));
  });

  test(`that are damaged are a message or ${code}`, () => {
    const seen = new Set<string>();
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        good,
        damages,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (bytes, damages, cut) => {
          const damaged = Buffer.from(bytes);
          if (bytes.length > 0) for (const [at, byte] of damages) damaged[at % bytes.length] = byte;
          seen.add(outcomeOf(damaged));
          seen.add(outcomeOf(bytes.subarray(0, Math.floor(cut * bytes.length))));
        },
      ),
      { numRuns: 500 },
    );
    expect(seen).toEqual(new Set(["message", "refused"]));
  });
});

describe("the size of a message", () => {
  test("of a verifier is bounded before it is decoded", () => {
    expect(() => decodeResponseBytes(Buffer.alloc(maxResponseBytes + 1))).toThrow(
      expect.objectContaining({
        code: "internal",
        message: `from the verifier: message must be at most ${maxResponseBytes} bytes, got 65537`,
      }),
    );
  });

  test("of a request is bounded before it is decoded", () => {
    expect(() => decodeRequestBytes(Buffer.alloc(maxMessageBytes + 1))).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message: `message must be at most ${maxMessageBytes} bytes, got ${maxMessageBytes + 1}`,
      }),
    );
  });

  test("of the largest commit is a quarter of the limit at most", () => {
    const top = Array(20).fill({ tokenId: 2 ** 32 - 1, logprob: -1 });
    const largest: VerifyResponse = {
      type: "commit",
      commit: {
        position: 2 ** 32 - 1,
        tokenIds: Array(65).fill(2 ** 32 - 1),
        numJudged: 64,
        numAccepted: 64,
      },
      facts: {
        queueMs: 1,
        verifyMs: 1,
        batchSize: 2 ** 32 - 1,
        logprobs: Array(65).fill(-1),
        topLogprobs: Array(65).fill(top),
      },
    };
    expect(encodeResponseBytes(largest).length).toBeLessThanOrEqual(maxResponseBytes / 4);
    expect(decodeResponseBytes(encodeResponseBytes(largest))).toEqual(largest);
  });

  test("of an offer has room for what an honest edge sends, and no more is decoded", () => {
    const tokenId = 2 ** 32 - 1;
    const nodes = Array.from({ length: 256 }, (_, parent) => ({ parent, tokenId, chance: 0.5 }));
    const base = { length: 2 ** 32 - 1, hash: 2n ** 64n - 1n };
    const offer = { base, firstId: 1, nodes, credit: 2 ** 32 - 1 };
    const drawn = nodes.slice(0, 64).map((node) => ({
      ...node,
      distribution: {
        tokenIds: Int32Array.from({ length: 256 }, (_, index) => 2 ** 31 - 1 - index),
        weights: new Float32Array(256).fill(2 ** -8),
      },
    }));
    for (const sent of [offer, { ...offer, nodes: drawn }])
      expect(encodeRequestBytes({ type: "offer", offer: sent }).length).toBeLessThan(maxOfferBytes);
    expect(() => decodeRequestBytes(Buffer.alloc(maxOfferBytes + 1), maxOfferBytes)).toThrow(
      `message must be at most ${maxOfferBytes} bytes, got ${maxOfferBytes + 1}`,
    );
  });
});
