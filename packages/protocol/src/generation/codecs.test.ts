import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Generation } from "../definitions.ts";
import { generateEvents, generateRequests } from "../messages.cases.ts";
import { decodeGenerateEvent, encodeGenerateEvent } from "./event-codec.ts";
import type { GenerateEvent, GenerateRequest } from "./messages.ts";
import { decodeGenerateRequest, encodeGenerateRequest } from "./request-codec.ts";

const { Generate } = Generation.service;
type WireRequest = ReturnType<typeof encodeGenerateRequest>;

/** Sends what may not be there, and decodes it. */
function decodeSent(wire: WireRequest): GenerateRequest {
  return decodeGenerateRequest(Generate.requestDeserialize(Generate.requestSerialize(wire)));
}

function eventAcross(event: GenerateEvent): GenerateEvent {
  const bytes = Generate.responseSerialize(encodeGenerateEvent(event));
  return decodeGenerateEvent(Generate.responseDeserialize(bytes));
}

const prompt = { type: "text", text: "Once" } as const;

test("every request is the same on the other side, with what has one default filled in", () => {
  fc.assert(
    fc.property(generateRequests, (request) => {
      expect(decodeSent(encodeGenerateRequest(request))).toEqual({
        stop: [],
        sampling: {},
        ignoreEos: false,
        wantsLogprobs: false,
        numTopLogprobs: 0,
        wantsDetails: false,
        untilContextEnds: false,
        wantsPrompt: false,
        verification: "shared-noise",
        ...request,
      });
    }),
    { numRuns: 300 },
  );
});

test("every event is the same on the other side", () => {
  fc.assert(
    fc.property(generateEvents, (event) => {
      expect(eventAcross(event)).toEqual(event);
    }),
    { numRuns: 500 },
  );
});

test("what the sender left out stays left out, and 0 is not left out", () => {
  const bare = decodeSent(encodeGenerateRequest({ prompt }));
  for (const name of ["maxTokens", "seed", "policy", "maxDraft"])
    expect(bare).toHaveProperty(name, undefined);
  const zeros = { maxTokens: 0, seed: 0, policy: "", maxDraft: 0 };
  expect(decodeSent(encodeGenerateRequest({ prompt, ...zeros }))).toMatchObject(zeros);
});

describe("a request is refused", () => {
  test("without a prompt", () => {
    expect(() => decodeSent({ maxTokens: 1 })).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message: "prompt must be text, token_ids or chat",
        field: "prompt",
      }),
    );
  });

  test("with a chat in which nobody has spoken", () => {
    expect(() => decodeSent({ chat: { messages: [] } })).toThrow(
      "chat.messages must hold at least one message",
    );
  });

  test.each(["9007199254740992", "18446744073709551615"])("with seed %s", (seed) => {
    expect(() => decodeSent({ text: "", seed })).toThrow(
      `seed must be a whole number from 0 to 2^53 - 1, got "${seed}"`,
    );
  });

  test("with a verification rule that is not known", () => {
    expect(() => decodeSent({ text: "", verificationRule: 99 as never })).toThrow(
      "verification_rule must be one of the rules in sampling.proto, got 99",
    );
  });

  test("with too many logit biases", () => {
    const biases = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, id) => [id, 1]));
    expect(() => decodeSent({ text: "", sampling: { logitBias: biases(1_025) } })).toThrow(
      'logit_bias takes at most 1024, got "1025 entries"',
    );
    const { sampling } = decodeSent({ text: "", sampling: { logitBias: biases(1_024) } });
    expect(sampling?.logitBias?.size).toBe(1_024);
  });
});

test("an empty prompt is a prompt", () => {
  expect(decodeSent({ text: "" }).prompt).toEqual({ type: "text", text: "" });
  expect(decodeSent({ tokenIds: {} }).prompt).toEqual({ type: "tokenIds", tokenIds: [] });
});

test.each([
  [{}, "unknown event type from the draft service (newer peer?)"],
  [{ finished: { usage: {} } }, "the draft service sent an end without statistics"],
  [{ finished: { statistics: {} } }, "the draft service sent an end without statistics"],
])("event %j, which no draft service sends, is an internal error", (wire, message) => {
  const across = Generate.responseDeserialize(Generate.responseSerialize(wire));
  expect(() => decodeGenerateEvent(across)).toThrow(
    expect.objectContaining({ code: "internal", message }),
  );
});

test("a fallback reason of a newer version is left out, a missing one is 0", () => {
  const statistics = { fallbackTokens: { draft_failed: 3, weather: 2 } };
  const wire = { finished: { usage: {}, statistics } };
  const across = Generate.responseDeserialize(Generate.responseSerialize(wire));
  expect(decodeGenerateEvent(across)).toMatchObject({
    statistics: { fallbackTokens: { draft_context: 0, draft_failed: 3 } },
  });
  expect(decodeGenerateEvent(across)).not.toHaveProperty("statistics.fallbackTokens.weather");
});

test("bytes that arrive are the reader's own", () => {
  const event: GenerateEvent = {
    ...{ type: "token", tokenId: 7, text: "", origin: "bonus", logprob: -1 },
    bytes: Uint8Array.of(0xe2, 0x82),
    topLogprobs: [{ tokenId: 7, logprob: -1, bytes: new Uint8Array(0) }],
  };
  const across = eventAcross(event);
  expect(across).toStrictEqual(event);
  if (across.type !== "token") throw new Error("no token");
  expect(across.bytes?.buffer.byteLength).toBe(2);
});

test("a round whose end has a reason that is not known has none", () => {
  // Field 4 (round), a message of two bytes: field 4 (end_reason) is 99.
  const wire = Generate.responseDeserialize(Buffer.from([0x22, 2, 0x20, 99]));
  expect(decodeGenerateEvent(wire)).toEqual({
    ...{ type: "commit", number: 0, draftTokens: [], numAccepted: 0 },
    ...{ draftMs: 0, waitMs: 0, queueMs: 0, verifyMs: 0 },
  });
});

test("a token whose origin is not known counts as the target's own", () => {
  // Field 2 (token), a message of two bytes: field 3 (origin) is 99.
  const wire = Generate.responseDeserialize(Buffer.from([0x12, 2, 0x18, 99]));
  expect(decodeGenerateEvent(wire)).toMatchObject({ type: "token", origin: "bonus" });
});
