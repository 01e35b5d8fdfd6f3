import { maxMessageBytes, type Open } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { status } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  besideOther,
  idle,
  noCredit,
  offerOf,
  openOf,
  prompt,
  refusalOf,
  writePlainly,
} from "./validation.cases.ts";
import { bytesOf, openBytesOf, sendBytes } from "./validation-bytes.cases.ts";

// What cannot be spoken to at all: other models, other versions, other messages than those there are.

let verifier: RunningVerifier;
let text: number[];
beforeAll(async () => {
  verifier = await startTestVerifier();
  text = await writePlainly(verifier, 400);
});
afterAll(() => verifier?.close());
afterEach(() => expect.poll(() => verifier.status()).toMatchObject(idle));

describe("a session is refused for what does not fit the target, the first difference named:", () => {
  const other = "0".repeat(64);
  test.each([
    ["the model", "modelId", (open: Open) => ({ ...open, modelId: "other-target" })],
    ["the precision", "weights", (open: Open) => ({ ...open, weights: "int8" })],
    [
      "the protocol's major version",
      "protocolVersion.major",
      (open: Open) => ({ ...open, protocolVersion: { major: 1, minor: 0 } }),
    ],
    ["the size of the vocabulary", "vocabulary.size", withVocabulary({ size: 4095 })],
    ["the tokens", "vocabulary.digest", withVocabulary({ digest: other })],
    ["the tokenizer", "vocabulary.tokenizerDigest", withVocabulary({ tokenizerDigest: other })],
    [
      "all of them from the size on",
      "vocabulary.size",
      withVocabulary({ size: 1, digest: other, tokenizerDigest: other }),
    ],
    ["no vocabulary at all", "vocabulary.size", withVocabulary({ size: 0, digest: "" })],
  ])("%s", async (_, field, change) => {
    // Wrong in itself too: what the token ids mean comes first.
    const open = change(openOf(verifier, { promptTokenIds: [] }));
    const error = await besideOther(verifier, text, () => refusalOf(verifier, open));
    expect(error).toMatchObject({ code: "failed_precondition", field });
    expect(error.message).toMatch(new RegExp(`^${field} must be the verifier's, .+, got .+$`));
  });

  function withVocabulary(changes: Partial<Open["vocabulary"]>) {
    return (open: Open): Open => ({ ...open, vocabulary: { ...open.vocabulary, ...changes } });
  }

  test("a minor version of its own is taken", async () => {
    const open = openOf(verifier, { ...noCredit, protocolVersion: { major: 2, minor: 99 } });
    // The session is open: only the offer is on another text.
    const offer = offerOf([...prompt, 1], [1]);
    expect(await refusalOf(verifier, open, offer)).toMatchObject({ code: "aborted" });
  });
});

describe("a stream is refused for", () => {
  test("anything before Open", async () => {
    for (const [type, message] of [
      ["cancel", { cancel: {} }],
      ["offer", { offer: { firstId: 1 } }],
    ] as const)
      expect(await sendBytes(verifier.address, bytesOf(message))).toMatchObject({
        code: status.INVALID_ARGUMENT,
        details: `message must be open, as the first, got "${type}"`,
      });
  });

  test("a second Open, also with another name", async () => {
    const open = openOf(verifier, noCredit);
    const again = openOf(verifier, { sessionId: "again" });
    const error = await besideOther(verifier, text, () => refusalOf(verifier, open, again));
    expect(error).toMatchObject({
      code: "invalid_argument",
      message: 'message must be the first message only, got "open"',
    });
  });

  test.each([
    [
      "a message without content",
      () => [Buffer.alloc(0)],
      status.INVALID_ARGUMENT,
      /^message must be open, offer or cancel/,
    ],
    [
      "bytes that are no message",
      () => [Buffer.alloc(40, 0xff)],
      status.INVALID_ARGUMENT,
      /^message must be a VerifyRequest/,
    ],
    [
      "a rule of verification that it does not know",
      () => [bytesOf({ open: { sessionId: "s", verificationRule: 9 } })],
      status.INVALID_ARGUMENT,
      /^verification_rule must be one of the rules/,
    ],
    [
      "an Open with nothing in it but a name",
      () => [bytesOf({ open: { sessionId: "s" } })],
      status.FAILED_PRECONDITION,
      /^protocolVersion.major must be the verifier's, 2, got none$/,
    ],
    [
      "a message beyond the limit",
      () => [Buffer.alloc(maxMessageBytes + 1)],
      status.RESOURCE_EXHAUSTED,
      /larger than/,
    ],
  ])("%s", async (_, messages, code, details) => {
    const ended = await besideOther(verifier, text, () =>
      sendBytes(verifier.address, ...messages()),
    );
    expect(ended).toMatchObject({ code, details: expect.stringMatching(details) });
  });
});

test("bytes that are no message, or too many, free the session they come in", async () => {
  const open = openBytesOf(openOf(verifier, noCredit));
  for (const [bad, code] of [
    [Buffer.alloc(40, 0xff), status.INVALID_ARGUMENT],
    [Buffer.alloc(1 << 20), status.INVALID_ARGUMENT],
    [Buffer.alloc(maxMessageBytes + 1), status.RESOURCE_EXHAUSTED],
  ] as const) {
    const ended = await besideOther(verifier, text, () => sendBytes(verifier.address, open, bad));
    expect(ended).toMatchObject({ code });
    await expect.poll(() => verifier.status()).toMatchObject(idle);
  }
});
