import fc from "fast-check";
import { expect, test } from "vitest";
import { Verification } from "../definitions.ts";
import { verifierDescriptions } from "../messages.cases.ts";
import { open, verifierDescription } from "../server/test-server.cases.ts";
import { decodeRequestBytes, encodeRequestBytes } from "./bytes.ts";
import { decodeDescription, encodeDescription } from "./description-codec.ts";

const { responseSerialize, responseDeserialize } = Verification.service.Describe;

test("every description is the same on the other side", () => {
  fc.assert(
    fc.property(verifierDescriptions, (description) => {
      const bytes = responseSerialize(encodeDescription(description));
      expect(decodeDescription(responseDeserialize(bytes))).toEqual(description);
    }),
  );
});

test.each(["protocolVersion", "vocabulary", "limits"] as const)(
  "a description without %s is refused",
  (part) => {
    const wire = { ...encodeDescription(verifierDescription), [part]: null };
    const across = responseDeserialize(responseSerialize(wire));
    expect(() => decodeDescription(across)).toThrow(
      expect.objectContaining({
        code: "failed_precondition",
        message: "the verifier's description lacks its protocol version, vocabulary or limits",
        field: "describe",
      }),
    );
  },
);

test("a sampling parameter that is 0 is not one that is absent", () => {
  const across = (message: typeof open) => decodeRequestBytes(encodeRequestBytes(message));
  const sampling = { temperature: 0, topK: 0, presencePenalty: 0 };
  expect(across({ ...open, sampling })).toMatchObject({ sampling });
  expect(across(open)).toHaveProperty("sampling", {});
});
