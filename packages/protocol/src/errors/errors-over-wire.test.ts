import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { AdaedlError, errorCodes } from "@adaedl/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type GenerationClient, openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient, type VerificationClient } from "../client/verification-client.ts";
import type { GrpcServer } from "../server/grpc-server.ts";
import { open, opened, startTestServer } from "../server/test-server.cases.ts";
import { isConnectionFailure } from "./rich-status.ts";

const started = {
  type: "started",
  numPromptTokens: 1,
  promptTokenIds: [1],
  promptText: "one",
  policy: "none",
  verification: "shared-noise",
  seed: 1,
  temperature: 0,
  maxTokens: 1,
} as const;

let server: GrpcServer;
let verification: VerificationClient;
let generation: GenerationClient;
let failure: unknown;
let isLate = false;
beforeAll(async () => {
  server = await startTestServer({
    verification: {
      describe() {
        throw failure;
      },
      async verify(receive, send) {
        await receive();
        if (isLate) await send(opened);
        throw failure;
      },
    },
    generation: {
      async *generate() {
        if (isLate) yield started;
        throw failure;
      },
    },
  });
  verification = openVerificationClient({ address: server.address });
  generation = openGenerationClient({ address: server.address });
});
beforeEach(() => {
  isLate = false;
});
afterAll(async () => {
  verification?.close();
  generation?.close();
  await server?.close();
});

const { signal } = new AbortController();

/** What a session's stream ends with. */
async function verifyUntilEnd() {
  const stream = verification.openStream(open);
  while ((await stream.receive(signal)) !== undefined);
}

async function generateUntilEnd() {
  for await (const _ of generation.generate({ prompt: { type: "text", text: "" } }));
}

const calls = {
  "a unary call": () => verification.describe(5_000),
  "a stream both ways": verifyUntilEnd,
  "a stream down": generateUntilEnd,
};

test.each(errorCodes)("%s arrives as it was thrown, from every kind of call", async (code) => {
  failure = new AdaedlError(code, "maxTokens must be more than 0, got -1", {
    field: "maxTokens",
    value: -1,
    retryAfterMs: 1_250,
  });
  const expected = {
    name: "AdaedlError",
    code,
    message: "maxTokens must be more than 0, got -1",
    field: "maxTokens",
    value: "-1", // as text
    retryAfterMs: 1_250,
  };
  for (const call of Object.values(calls)) await expect(call()).rejects.toMatchObject(expected);
  isLate = true;
  await expect(verifyUntilEnd()).rejects.toMatchObject(expected);
  await expect(generateUntilEnd()).rejects.toMatchObject(expected);
});

test.each(Object.keys(calls) as (keyof typeof calls)[])(
  "an error without details has none on the other side of %s",
  async (name) => {
    failure = new AdaedlError("aborted", "not the round expected");
    const error = await calls[name]().then(
      () => undefined,
      (thrown: AdaedlError) => thrown,
    );
    expect(error).toMatchObject({ code: "aborted", message: "not the round expected" });
    expect(error).toMatchObject({ field: undefined, value: undefined, retryAfterMs: undefined });
  },
);

test("what a handler throws that is no AdaedlError arrives as internal, in its own words", async () => {
  failure = new TypeError("x is not a function");
  for (const call of Object.values(calls))
    await expect(call()).rejects.toMatchObject({
      code: "internal",
      message: "x is not a function",
    });
});

test.each([
  ["ASCII", "x".repeat(50_000), `${"x".repeat(997)}...`],
  ["three bytes each", "語".repeat(50_000), `${"語".repeat(997)}...`],
  ["a pair cut in two", `${"😀".repeat(5_000)}`, `${"😀".repeat(498)}\ufffd...`],
])("a long message and value are cut, however they are written: %s", async (_, text, cut) => {
  failure = new AdaedlError("invalid_argument", text, { field: "stop", value: text });
  const expected = { code: "invalid_argument", message: cut, field: "stop", value: cut };
  for (const call of Object.values(calls)) await expect(call()).rejects.toMatchObject(expected);
  isLate = true;
  await expect(verifyUntilEnd()).rejects.toMatchObject(expected);
  await expect(generateUntilEnd()).rejects.toMatchObject(expected);
});

test("half a character in a message arrives as a replacement, and the server goes on", async () => {
  failure = new AdaedlError("invalid_argument", "policy is \ud83d\nno 100% policy");
  const message = "policy is \ufffd\nno 100% policy";
  isLate = true;
  for (const call of Object.values(calls)) await expect(call()).rejects.toMatchObject({ message });
});

/** What a call fails with. */
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: AdaedlError) => error,
  );

test("a connection that is refused or lost is told apart from a service's own word", async () => {
  failure = new AdaedlError("unavailable", "no verifier could serve the request");
  for (const call of Object.values(calls)) {
    const error = await failureOf(call());
    expect(error).toMatchObject({ code: "unavailable" });
    expect(error && isConnectionFailure(error)).toBe(false);
  }
  const lost = createServer();
  lost.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    setTimeout(() => stream.session?.destroy(), 50);
  });
  await new Promise<void>((resolve) => lost.listen(0, "127.0.0.1", resolve));
  const { port } = lost.address() as AddressInfo;
  const client = openGenerationClient({ address: `127.0.0.1:${port}` });
  const ask = async () => {
    for await (const _ of client.generate({ prompt: { type: "text", text: "" } }));
  };
  const inTheMiddle = await failureOf(ask());
  lost.close();
  for (const error of [inTheMiddle, await failureOf(ask())]) {
    expect(error).toMatchObject({ code: "unavailable" });
    expect(error && isConnectionFailure(error)).toBe(true);
  }
  client.close();
});
