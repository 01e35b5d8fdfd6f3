import fc from "fast-check";
import { expect, test } from "vitest";
import { Verification } from "../definitions.ts";
import { verifierDescriptions, verifyRequests, verifyResponses } from "../messages.cases.ts";
import { open, verifierDescription } from "../server/test-server.cases.ts";
import { decodeVerifyRequest } from "./decode-request.ts";
import { decodeDescription, encodeDescription } from "./description-codec.ts";
import { encodeVerifyRequest } from "./encode-request.ts";
import type { VerifierDescription, VerifyRequest, VerifyResponse } from "./messages.ts";
import { decodeVerifyResponse, encodeVerifyResponse } from "./response-codec.ts";

const { Verify, Describe } = Verification.service;

function requestAcross(message: VerifyRequest): VerifyRequest {
  const bytes = Verify.requestSerialize(encodeVerifyRequest(message));
  return decodeVerifyRequest(Verify.requestDeserialize(bytes));
}

function responseAcross(message: VerifyResponse): VerifyResponse {
  const bytes = Verify.responseSerialize(encodeVerifyResponse(message));
  return decodeVerifyResponse(Verify.responseDeserialize(bytes));
}

function descriptionAcross(description: VerifierDescription): VerifierDescription {
  const bytes = Describe.responseSerialize(encodeDescription(description));
  return decodeDescription(Describe.responseDeserialize(bytes));
}

test("every request is the same on the other side", () => {
  fc.assert(
    fc.property(verifyRequests, (message) => {
      expect(requestAcross(message)).toEqual(message);
    }),
    { numRuns: 500 },
  );
});

test("every response is the same on the other side", () => {
  fc.assert(
    fc.property(verifyResponses, (message) => {
      expect(responseAcross(message)).toEqual(message);
    }),
    { numRuns: 500 },
  );
});

test("every description is the same on the other side", () => {
  fc.assert(
    fc.property(verifierDescriptions, (description) => {
      expect(descriptionAcross(description)).toEqual(description);
    }),
  );
});

test.each([0n, 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n])(
  "hash %i keeps all its bits",
  (committedHash) => {
    const message = {
      type: "endOfDraft",
      round: 1,
      committedLength: 2,
      committedHash,
      numPlainTokens: 0,
    } as const;
    expect(requestAcross(message)).toEqual({ ...message, reason: undefined });
  },
);

test.each(["policy", "limit", "drafter"] as const)(
  "a draft ends with its reason, also where it holds no guess: %s",
  (reason) => {
    const message = {
      type: "endOfDraft",
      round: 1,
      committedLength: 2,
      committedHash: 3n,
      numPlainTokens: 0,
      reason,
    } as const;
    expect(requestAcross(message)).toEqual(message);
  },
);

test.each([0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER])("seed %d keeps all its bits", (seed) => {
  expect(requestAcross({ ...open, seed })).toEqual({ ...open, seed });
});

test("a sampling parameter that is 0 is not one that is absent", () => {
  const sampling = { temperature: 0, topK: 0, presencePenalty: 0 };
  expect(requestAcross({ ...open, sampling })).toMatchObject({ sampling });
  expect(requestAcross(open)).toHaveProperty("sampling", {});
});

test("a guess takes few bytes, one without a distribution less than 20", () => {
  const token = { tokenId: 31_999, position: 4_000, entropy: 2.5 };
  const message = { type: "draftToken", round: 500, token } as const;
  expect(Verify.requestSerialize(encodeVerifyRequest(message)).length).toBeLessThan(20);
});

test.each(["protocolVersion", "vocabulary", "limits"] as const)(
  "a description without %s is refused",
  (part) => {
    const wire = { ...encodeDescription(verifierDescription), [part]: null };
    const across = Describe.responseDeserialize(Describe.responseSerialize(wire));
    expect(() => decodeDescription(across)).toThrow(
      expect.objectContaining({
        code: "failed_precondition",
        message: "the verifier's description lacks its protocol version, vocabulary or limits",
        field: "describe",
      }),
    );
  },
);

test("a response of a kind that is not known is an internal error", () => {
  expect(() => decodeVerifyResponse(Verify.responseDeserialize(Buffer.alloc(0)))).toThrow(
    expect.objectContaining({
      code: "internal",
      message: "unknown message type from the verifier (newer peer?)",
    }),
  );
});

test("most probable tokens without as many log-probabilities are an internal error", () => {
  const wire = { verdict: { topLogprobs: [{ tokenIds: [1, 2], logprobs: [-1] }] } };
  const across = Verify.responseDeserialize(Verify.responseSerialize(wire));
  expect(() => decodeVerifyResponse(across)).toThrow(
    expect.objectContaining({
      code: "internal",
      message: "the verifier sent 1 top_logprobs for 2 token ids",
    }),
  );
});

test("an end whose reason is not known counts as cancelled", () => {
  // Field 3 (finished), a message of two bytes: field 1 (reason) is 99.
  const wire = Verify.responseDeserialize(Buffer.from([0x1a, 2, 0x08, 99]));
  expect(decodeVerifyResponse(wire)).toMatchObject({ type: "finished", reason: "cancelled" });
});
