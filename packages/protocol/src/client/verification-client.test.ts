import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Verification } from "../definitions.ts";
import { maxTokenizerBundleBytes, tokenizerChunkBytes } from "../limits.ts";
import {
  deferred,
  open,
  opened,
  startTestServer,
  verifierDescription,
} from "../server/test-server.cases.ts";
import type { VerificationHandler } from "../server/verification-service.ts";
import { encodeVerifyRequest } from "../verification/encode-request.ts";
import type { VerifyRequest } from "../verification/messages.ts";
import { openVerificationClient, type VerificationClient } from "./verification-client.ts";

const { signal } = new AbortController();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function connectTo(verify: VerificationHandler["verify"]): Promise<VerificationClient> {
  const server = await startTestServer({ verification: { verify } });
  const client = openVerificationClient({ address: server.address });
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return client;
}

const draftToken: VerifyRequest = {
  type: "draftToken",
  round: 0,
  token: { tokenId: 5, position: 3, entropy: 1 },
};
const sizeOf = (message: VerifyRequest) =>
  Verification.service.Verify.requestSerialize(encodeVerifyRequest(message)).length;

test("a description arrives as it was given", async () => {
  const client = await connectTo(async () => {});
  expect(await client.describe(5_000)).toEqual(verifierDescription);
});

test("a tokenizer arrives in pieces as it was given, up to the limit", async () => {
  const given = Buffer.alloc(2.5 * tokenizerChunkBytes, "tokenizer");
  const tooLarge = Buffer.alloc(maxTokenizerBundleBytes + 1);
  const getTokenizer = async (digest: string) => (digest === "good" ? given : tooLarge);
  await using server = await startTestServer({ verification: { getTokenizer } });
  const client = openVerificationClient({ address: server.address });
  closing.push(() => client.close());
  expect(given.equals(await client.getTokenizer("good", 20_000))).toBe(true);
  await expect(client.getTokenizer("bad", 20_000)).rejects.toMatchObject({
    code: "out_of_range",
    message: `the verifier's tokenizer must be at most ${maxTokenizerBundleBytes} bytes, got more`,
  });
});

test("describe ends with its signal, and with its timeout", async () => {
  // Takes connections and says nothing.
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const client = openVerificationClient({ address: `127.0.0.1:${port}` });
  const controller = new AbortController();
  const described = client.describe(10_000, controller.signal);
  setTimeout(() => controller.abort(), 50);
  await expect(described).rejects.toMatchObject({ code: "cancelled" });
  await expect(client.describe(10_000, controller.signal)).rejects.toMatchObject({
    code: "cancelled",
  });
  await expect(client.describe(100)).rejects.toMatchObject({ code: "deadline_exceeded" });
  client.close();
  silent.close();
});

test("messages go up and come down in order, and bytes are counted by kind", async () => {
  const seen: VerifyRequest[] = [];
  const client = await connectTo(async (receive, send) => {
    for (let next = await receive(); next !== undefined; next = await receive()) {
      seen.push(next);
      if (next.type === "cancel") break;
      await send({ ...opened, numForwards: seen.length });
    }
  });
  const stream = client.openStream();
  expect(stream).toMatchObject({ bytesUp: 0, bytesDown: 0, guessBytesUp: 0 });
  for (const message of [open, draftToken, draftToken]) await stream.send(message, signal);
  for (let i = 1; i <= 3; i++)
    expect(await stream.receive(signal)).toEqual({ ...opened, numForwards: i });
  expect(seen).toEqual([open, draftToken, draftToken]);
  expect(stream.guessBytesUp).toBe(2 * sizeOf(draftToken));
  expect(stream.bytesUp).toBe(sizeOf(open) + 2 * sizeOf(draftToken));
  expect(stream.bytesDown).toBeGreaterThan(0);
  stream.close();
  await expect.poll(() => seen.at(-1)).toEqual({ type: "cancel" });
  expect(stream.bytesUp).toBe(sizeOf(open) + 2 * sizeOf(draftToken) + sizeOf({ type: "cancel" }));
});

describe("a stream that the verifier has ended", () => {
  test("well has no more to receive, and takes no more", async () => {
    const client = await connectTo(async (receive) => {
      await receive();
    });
    const stream = client.openStream();
    await stream.send(open, signal);
    expect(await stream.receive(signal)).toBeUndefined();
    expect(await stream.receive(signal)).toBeUndefined();
    stream.close();
    await expect(stream.send(open, signal)).rejects.toMatchObject({
      code: "unavailable",
      message: "the stream has ended",
    });
  });

  test("with an error says so to every receive", async () => {
    const client = await connectTo(async () => {
      throw new Error("broken");
    });
    const stream = client.openStream();
    await stream.send(open, signal);
    for (let i = 0; i < 2; i++)
      await expect(stream.receive(signal)).rejects.toMatchObject({
        code: "internal",
        message: "broken",
      });
    stream.close();
    stream.reset();
  });
});

test("a receive that is aborted loses nothing: the next one gets the message", async () => {
  const speak = deferred();
  const client = await connectTo(async (_, send) => {
    await speak.promise;
    await send(opened);
  });
  const stream = client.openStream();
  await stream.send(open, signal);
  await expect(stream.receive(AbortSignal.timeout(50))).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
  speak.resolve();
  expect(await stream.receive(signal)).toEqual(opened);
  stream.close();
});

test("a verifier that does not close a stream after its Cancel has it reset in a second", async () => {
  const ended = deferred<unknown>();
  const isOpen = deferred();
  const client = await connectTo(async (receive, _, context) => {
    await receive();
    isOpen.resolve();
    await once(context.signal, "abort");
    ended.resolve(context.signal.reason);
  });
  const stream = client.openStream();
  await stream.send(open, signal);
  await isOpen.promise;
  const startedAt = performance.now();
  stream.close();
  stream.close(); // twice is once
  expect(await ended.promise).toMatchObject({ code: "cancelled" });
  expect(performance.now() - startedAt).toBeGreaterThan(900);
});

describe("a stream's deadline", () => {
  /** A verifier that says what it hears of sessions, each until its end. */
  async function connectToListener() {
    const deadlines: (number | undefined)[] = [];
    const heard: (string | undefined)[] = [];
    const client = await connectTo(async (receive, send, context) => {
      deadlines.push(context.deadlineMs);
      await send(opened);
      for (let next = await receive(); next !== undefined; next = await receive()) {
        heard.push(next.type);
        if (next.type === "cancel") return;
      }
    });
    return { client, deadlines, heard };
  }

  test("is what the verifier is told, and a second more; or nothing", async () => {
    const { client, deadlines } = await connectToListener();
    const until = Date.now() + 60_000;
    for (const deadline of [until, undefined, Number.POSITIVE_INFINITY]) {
      const stream = client.openStream({ deadline });
      await stream.send(open, signal);
      await stream.receive(signal);
      stream.close();
    }
    expect(deadlines).toEqual([expect.any(Number), undefined, undefined]);
    expect(deadlines[0]).toBeLessThanOrEqual(61_001);
    expect(deadlines[0]).toBeGreaterThan(41_000);
  });

  test("leaves time to end the session with a word; who does not say it is cut off", async () => {
    const { client, heard } = await connectToListener();
    const deadline = Date.now() + 300;
    const [polite, silent] = [client.openStream({ deadline }), client.openStream({ deadline })];
    for (const stream of [polite, silent]) {
      await stream.send(open, signal);
      await stream.receive(signal);
    }
    await sleep(deadline - Date.now());
    polite.close();
    await expect.poll(() => heard).toEqual(["open", "open", "cancel"]);
    await expect(silent.receive(signal)).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(Date.now() - deadline).toBeGreaterThan(900);
  });
});

test("a verifier that is not there is unavailable, at once", async () => {
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const { port } = gone.address() as { port: number };
  gone.close();
  const client = openVerificationClient({ address: `127.0.0.1:${port}` });
  const startedAt = performance.now();
  await expect(client.describe(10_000)).rejects.toMatchObject({ code: "unavailable" });
  const stream = client.openStream();
  await stream.send(open, signal).catch(() => {});
  await expect(stream.receive(signal)).rejects.toMatchObject({ code: "unavailable" });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  client.close();
});
