import { AdaedlError } from "@adaedl/core";
import { expect, test } from "vitest";
import type { GenerateEvent } from "../generation/messages.ts";
import type { GenerationHandler } from "../server/generation-service.ts";
import {
  deferred,
  draftServiceDescription,
  open,
  verifierDescription,
} from "../server/test-server.cases.ts";
import type { VerificationHandler } from "../server/verification-service.ts";
import type { VerifyRequest } from "../verification/messages.ts";
import { localGeneration } from "./local-generation.ts";
import { localVerification } from "./local-verification.ts";

const progress = { type: "progress" } as const;

/** @param verify the verifier's side of every session */
const verification = (verify: VerificationHandler["verify"]) =>
  localVerification({
    describe: () => verifierDescription,
    getTokenizer: async () => new Uint8Array([1, 2]),
    verify,
  });
const generation = (generate: GenerationHandler["generate"]) =>
  localGeneration({ describe: () => draftServiceDescription, generate });

const started = { type: "started", numPromptTokens: 1 } as GenerateEvent;
const request = { prompt: { type: "text", text: "Once" } } as const;

test("messages of a session arrive as they are, in order, both ways", async () => {
  const received: VerifyRequest[] = [];
  const { client } = verification(async (receive, send) => {
    for (let message = await receive(); message; message = await receive()) {
      received.push(message);
      await send(progress);
      if (message.type === "cancel") return;
    }
  });
  expect(await client.describe(1_000)).toBe(verifierDescription);
  expect(await client.getTokenizer("bb", 1_000)).toEqual(new Uint8Array([1, 2]));
  const stream = client.openStream(open);
  stream.send({ type: "cancel" });
  for (let i = 0; i < 2; i++) expect(await stream.receive()).toBe(progress);
  expect(await stream.receive()).toBeUndefined();
  expect(received).toEqual([open, { type: "cancel" }]);
});

test("what a session fails with is read after what came before", async () => {
  const problem = new AdaedlError("not_found", "forgotten");
  const { client } = verification(async (_, send) => {
    await send(progress);
    throw problem;
  });
  const stream = client.openStream(open);
  expect(await stream.receive()).toBe(progress);
  await expect(stream.receive()).rejects.toBe(problem);
});

test("a session that is closed cancels, one that is reset ends its handler at once", async () => {
  const ends = [deferred<unknown>(), deferred<unknown>()] as const;
  let numOpened = 0;
  const { client } = verification(async (receive) => {
    const end = ends[numOpened++];
    try {
      await receive();
      end?.resolve(await receive());
    } catch (error) {
      end?.resolve(error);
    }
  });
  client.openStream(open).close();
  expect(await ends[0].promise).toEqual({ type: "cancel" });
  client.openStream(open).reset();
  expect(await ends[1].promise).toMatchObject({ code: "cancelled" });
});

test("a verifier waits for an edge that does not read, until it reads", async () => {
  let numSent = 0;
  const { client } = verification(async (_, send) => {
    for (; numSent < 100; numSent++) await send(progress);
  });
  const stream = client.openStream(open);
  await new Promise(setImmediate);
  expect(numSent).toBeLessThan(40);
  let numReceived = 0;
  while (await stream.receive()) numReceived++;
  expect(numReceived).toBe(100);
});

test("all sends that wait for an edge resolve when it reads", async () => {
  let numResolved = 0;
  const { client } = verification(async (_, send) => {
    for (let i = 0; i < 31; i++) await send(progress);
    await Promise.all(
      [send(progress), send(progress)].map((sent) => sent.then(() => numResolved++)),
    );
  });
  const stream = client.openStream(open);
  await new Promise(setImmediate);
  expect(numResolved).toBe(0);
  await stream.receive();
  await new Promise(setImmediate);
  expect(numResolved).toBe(2);
  for (let i = 0; i < 32; i++) expect(await stream.receive()).toBe(progress);
  expect(await stream.receive()).toBeUndefined();
});

test("a server that drains lets sessions finish, and takes no more", async () => {
  const end = deferred();
  const { client, server } = verification(async (_, send) => {
    await end.promise;
    await send(progress);
  });
  const stream = client.openStream(open);
  const drained = server.drain(60_000);
  end.resolve();
  await drained;
  expect(await stream.receive()).toBe(progress);
  expect(await stream.receive()).toBeUndefined();
  await expect(client.describe(1_000)).rejects.toMatchObject({ code: "unavailable" });
  await expect(client.openStream(open).receive()).rejects.toMatchObject({ code: "unavailable" });
});

test("a server that is closed ends its sessions", async () => {
  const { client, server } = verification(async (receive) => {
    await receive();
    await receive();
  });
  const stream = client.openStream(open);
  await server.close();
  await expect(stream.receive()).rejects.toMatchObject({ code: "unavailable" });
});

test("a generation is checked as if it had come over a network, and yields what the service does", async () => {
  const { client, server } = generation(async function* (asked, { client, requestId }) {
    expect([asked.prompt, asked.maxDraft, client, requestId]).toEqual([
      ...[request.prompt, undefined, "local", "r-1"],
    ]);
    yield started;
  });
  expect(await client.checkHealth(1_000)).toBe("NOT_SERVING");
  server.setServing(true);
  expect(await client.checkHealth(1_000)).toBe("SERVING");
  const events: GenerateEvent[] = [];
  for await (const event of client.generate(request, undefined, { requestId: "r-1" }))
    events.push(event);
  expect(events).toEqual([started]);
  const wrong = client.generate({ ...request, seed: 2 ** 60 });
  await expect(wrong.next()).rejects.toMatchObject({ code: "invalid_argument" });
});

test.each(["deadline_exceeded", "cancelled"])("a generation is ended: %s", async (code) => {
  const { client, server } = generation(async function* (_, { signal }) {
    yield started;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw AdaedlError.fromAbort(signal.reason);
  });
  const ending = new AbortController();
  const timeoutMs = code === "cancelled" ? 60_000 : 5;
  const events = client.generate(request, ending.signal, { timeoutMs });
  expect((await events.next()).value).toBe(started);
  const next = events.next();
  if (code === "cancelled") ending.abort();
  await expect(next).rejects.toMatchObject({ code });
  await server.drain(60_000); // nothing is left running
});
