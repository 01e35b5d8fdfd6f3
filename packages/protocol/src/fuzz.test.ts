import { AdaedlError } from "@adaedl/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Generation, Verification } from "./definitions.ts";
import { decodeGenerateRequest, encodeGenerateRequest } from "./generation/request-codec.ts";
import { generateRequests } from "./messages.cases.ts";
import { verifyRequests } from "./verification/messages.cases.ts";
import { decodeVerifyRequest, encodeVerifyRequest } from "./verification/request-codec.ts";

const { Verify } = Verification.service;
const { Generate } = Generation.service;

/** What a server does with bytes that come up. */
const receivers = {
  VerifyRequest: (bytes: Buffer) => {
    const wire = Verify.requestDeserialize(bytes);
    return () => decodeVerifyRequest(wire);
  },
  GenerateRequest: (bytes: Buffer) => {
    const wire = Generate.requestDeserialize(bytes);
    return () => decodeGenerateRequest(wire);
  },
};

const goodBytes = {
  VerifyRequest: verifyRequests.map((message) =>
    Verify.requestSerialize(encodeVerifyRequest(message)),
  ),
  GenerateRequest: generateRequests.map((request) =>
    Generate.requestSerialize(encodeGenerateRequest(request)),
  ),
};

type Outcome = "message" | "refused" | "unreadable";

/** The library may throw any error for bytes that are no protobuf; the decoders only our own. */
function outcomeOf(receive: (bytes: Buffer) => () => object, bytes: Buffer): Outcome {
  let decode: () => object;
  try {
    decode = receive(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return "unreadable";
  }
  try {
    expect(decode()).toBeTypeOf("object");
    return "message";
  } catch (error) {
    if (!(error instanceof AdaedlError) || error.code !== "invalid_argument") throw error;
    return "refused";
  }
}

const names = Object.keys(receivers) as (keyof typeof receivers)[];
const numRuns = 20_000;

test.each(names)("random bytes are a %s, or an error, and nothing else", (name) => {
  const seen = new Set<Outcome>();
  // Small tags are those of fields that exist.
  const byte = fc.oneof(fc.nat(255), fc.nat(0x62));
  const bytes = fc.array(byte, { maxLength: 60 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, (bytes) => {
      seen.add(outcomeOf(receivers[name], bytes));
    }),
    // Chance alone rarely makes a whole message.
    { numRuns, examples: fc.sample(goodBytes[name], 10).map((good) => [Buffer.from(good)]) },
  );
  expect(seen).toEqual(new Set(["message", "refused", "unreadable"]));
});

test.each(names)("a damaged %s is a message, or an error, and nothing else", (name) => {
  const seen = new Set<Outcome>();
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const damaged = fc
    .tuple(goodBytes[name], damages, fc.boolean(), fc.nat())
    .map(([good, damages, isCut, end]) => {
      const bytes = Buffer.from(good);
      if (bytes.length > 0) for (const [at, byte] of damages) bytes[at % bytes.length] = byte;
      return isCut ? bytes.subarray(0, end % (bytes.length + 1)) : bytes;
    });
  fc.assert(
    fc.property(damaged, (bytes) => {
      seen.add(outcomeOf(receivers[name], bytes));
    }),
    { numRuns: numRuns / 10 },
  );
  expect(seen).toEqual(new Set(["message", "refused", "unreadable"]));
});

test.each([
  ["groups within groups", Buffer.alloc(1 << 20, 0x7b)],
  ["messages within messages", Buffer.alloc(1 << 20, 0x0a)],
  ["a length beyond the end", Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])],
  ["a number without an end", Buffer.alloc(1 << 20, 0xff)],
  ["many empty fields", Buffer.alloc(1 << 20, Buffer.from([0x22, 0]))],
])("hostile bytes are dealt with at once: %s", (_, bytes) => {
  for (const name of names) {
    const startedAt = performance.now();
    outcomeOf(receivers[name], bytes);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  }
});
