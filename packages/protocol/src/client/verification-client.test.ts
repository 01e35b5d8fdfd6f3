import { once } from "node:events";
import { createServer } from "node:net";
import type { Offer, OfferedNode, TargetMessage } from "@adaedl/core";
import { afterEach, describe, expect, test } from "vitest";
import { tokenizerChunkBytes } from "../limits.ts";
import { openGrpcServer } from "../server/grpc-server.ts";
import { deferred, open, verifierDescription } from "../server/test-server.cases.ts";
import { type VerificationHandler, verificationService } from "../server/verification-service.ts";
import { encodeRequestBytes, encodeResponseBytes } from "../verification/bytes.ts";
import { maxResponseBytes, maxUnsentBytes } from "../verification/limits.ts";
import type { VerifyRequest, VerifyResponse } from "../verification/messages.ts";
import { checkHealth } from "./check-health.ts";
import { openVerificationClient } from "./verification-client.ts";
import { toVerifierSession } from "./verifier-session.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function connectTo(handler: Partial<VerificationHandler>) {
  const service = verificationService(
    {
      describe: () => verifierDescription,
      getTokenizer: async () => new Uint8Array(),
      verify: async () => {},
      ...handler,
    },
    10_000,
  );
  const server = await openGrpcServer({ listen: "127.0.0.1:0" }, [service]);
  server.setServing(true);
  const client = openVerificationClient({ address: server.address });
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return client;
}

const offer: Offer = {
  base: { length: 3, hash: 2n ** 64n - 1n },
  firstId: 1,
  nodes: [{ parent: 0, tokenId: 5, chance: 1 }],
  credit: 35,
};
const creditOffer: Offer = { firstId: 2, nodes: [], credit: 51 };
const opened = { type: "opened", queueMs: 0, verifyMs: 4, numForwards: 1 } as const;
const progress = { type: "progress" } as const;
const finished = { type: "finished", reason: "stop" } as const;
const commit: VerifyResponse = {
  type: "commit",
  commit: { position: 3, tokenIds: [5, 6], numJudged: 1, numAccepted: 1 },
  facts: { queueMs: 0, verifyMs: 30, batchSize: 1, logprobs: [], topLogprobs: [] },
};
const sizeOf = (...requests: VerifyRequest[]) =>
  requests.reduce((sum, request) => sum + encodeRequestBytes(request).length, 0);

test("description, tokenizer and health are those of the service", async () => {
  const bundle = Buffer.alloc(1.5 * tokenizerChunkBytes, "tokenizer");
  const client = await connectTo({ getTokenizer: async () => bundle });
  expect(await client.describe(5_000)).toEqual(verifierDescription);
  expect(bundle.equals(await client.getTokenizer("digest", 5_000))).toBe(true);
  const { address } = client;
  expect(await checkHealth({ address }, "adaedl.v2.Verification", 5_000)).toBe("SERVING");
});

test("messages go up and come down in order, and bytes are counted by kind", async () => {
  const seen: VerifyRequest[] = [];
  const client = await connectTo({
    async verify(receive, send) {
      for (let next = await receive(); next !== undefined; next = await receive()) {
        seen.push(next);
        if (next.type === "cancel") return;
        for (const response of [progress, opened, commit]) await send(response);
      }
    },
  });
  const stream = client.openStream(open);
  stream.send({ type: "offer", offer });
  stream.send({ type: "offer", offer: creditOffer });
  const responses: unknown[] = [];
  while (responses.length < 9) responses.push(await stream.receive());
  expect(responses).toEqual(Array(3).fill([progress, opened, commit]).flat());
  expect(seen).toEqual([open, { type: "offer", offer }, { type: "offer", offer: creditOffer }]);
  expect(stream.traffic.draftTokenBytesUp).toBe(sizeOf(...seen.slice(1)));
  expect(stream.traffic.bytesUp).toBe(sizeOf(...seen));
  const bytesDown = [progress, opened, commit].map(
    (message) => encodeResponseBytes(message).length,
  );
  expect(stream.traffic.bytesDown).toBe(3 * bytesDown.reduce((sum, length) => sum + length, 0));
  stream.close();
  stream.close(); // twice is once
  await expect.poll(() => seen.at(-1)).toEqual({ type: "cancel" });
  expect(stream.traffic.bytesUp).toBe(sizeOf(...seen));
});

describe("a stream that has ended", () => {
  test("well has no more to receive, and drops what is sent", async () => {
    const client = await connectTo({
      async verify(receive) {
        await receive();
      },
    });
    const stream = client.openStream(open);
    expect(await stream.receive()).toBeUndefined();
    stream.close();
    stream.send({ type: "offer", offer });
    expect(stream.traffic.draftTokenBytesUp).toBe(0);
  });

  test("with an error throws it at every receive", async () => {
    const client = await connectTo({
      async verify(receive) {
        await receive();
        await receive();
      },
    });
    const stream = client.openStream({ ...open, sessionId: "no id" });
    for (let i = 0; i < 2; i++)
      await expect(stream.receive()).rejects.toMatchObject({
        code: "invalid_argument",
        field: "session_id",
      });
    stream.send({ type: "cancel" });
    stream.reset();
  });
});

describe("a verifier", () => {
  test("that breaks the protocol is an internal error", async () => {
    const client = await connectTo({
      async verify(_, send) {
        await send({ ...commit, commit: { ...commit.commit, tokenIds: [] } });
      },
    });
    const stream = client.openStream(open);
    await expect(stream.receive()).rejects.toMatchObject({
      code: "internal",
      field: "commit.token_ids",
    });
    stream.close();
  });

  test("that sends too large a message has its stream ended before it is decoded", async () => {
    const client = await connectTo({
      async verify(_, send) {
        const tokenIds = Array(maxResponseBytes).fill(1);
        await send({ ...commit, commit: { ...commit.commit, tokenIds } });
      },
    });
    const stream = client.openStream(open);
    await expect(stream.receive()).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("message must be at most 65536 bytes, got 655"),
    });
    stream.send({ type: "cancel" });
    stream.close();
  });

  test("that takes nothing has its stream ended once the buffer is full", async () => {
    // Takes connections and says nothing.
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const client = openVerificationClient({ address: `127.0.0.1:${port}` });
    closing.push(
      () => silent.close(),
      () => client.close(),
    );
    const stream = client.openStream(open);
    const [node] = offer.nodes as [OfferedNode];
    const large = { ...offer, nodes: Array<OfferedNode>(256).fill(node) };
    const numOffers = Math.ceil(maxUnsentBytes / sizeOf({ type: "offer", offer: large })) + 1;
    for (let i = 0; i < numOffers; i++) stream.send({ type: "offer", offer: large });
    await expect(stream.receive()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^the verifier left \d+ bytes of requests unread$/),
    });
    expect(stream.traffic.bytesUp).toBeLessThanOrEqual(sizeOf(open) + maxUnsentBytes);
  });

  test("that does not close a stream after its Cancel has it reset in a second", async () => {
    const ended = deferred<unknown>();
    const client = await connectTo({
      async verify(receive, send, context) {
        await receive();
        await send(opened);
        await once(context.signal, "abort");
        ended.resolve(context.deadlineMs);
      },
    });
    const stream = client.openStream(open, { deadline: Date.now() + 60_000 });
    await stream.receive();
    const startedAt = performance.now();
    stream.close();
    expect(await ended.promise).toBeGreaterThan(40_000);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });
});

test("a stream that is reset in the turn it was opened in is ended at the verifier, too", async () => {
  const ended = deferred<unknown>();
  const client = await connectTo({
    async verify(_receive, _send, { signal }) {
      await once(signal, "abort");
      ended.resolve(signal.reason);
    },
  });
  await client.describe(5_000); // connects
  client.openStream(open).reset();
  expect(await ended.promise).toMatchObject({ code: "cancelled" });
});

describe("a session over a stream", () => {
  const patient = { length: 3, credit: 35, openMs: 5_000, roundMs: 5_000 };
  async function messagesOf(session: { readonly messages: AsyncIterable<TargetMessage> }) {
    const messages: TargetMessage[] = [];
    for await (const message of session.messages) messages.push(message);
    return messages;
  }

  test("sends requests, and ends after the last message, without progress", async () => {
    const seen: VerifyRequest["type"][] = [];
    const client = await connectTo({
      async verify(receive, send) {
        await send(progress);
        await send(opened);
        for (let next = await receive(); next !== undefined; next = await receive()) {
          seen.push(next.type);
          if (next.type === "offer") await send(commit);
          if (next.type === "cancel") return send(finished);
        }
      },
    });
    const session = toVerifierSession(client.openStream(open), patient);
    session.offer(offer);
    session.cancel();
    expect(await messagesOf(session)).toEqual([opened, commit, finished]);
    expect(seen).toEqual(["open", "offer", "cancel"]);
    session.close();
  });

  test("fails where the verifier ends the stream too soon, or falls silent", async () => {
    const client = await connectTo({
      async verify(receive, send, { signal }) {
        await send(opened);
        const open = await receive();
        if (open?.type === "open" && open.maxTokens === 1) return;
        await once(signal, "abort");
      },
    });
    const short = client.openStream({ ...open, maxTokens: 1 });
    const cut = toVerifierSession(short, patient);
    await expect(messagesOf(cut)).rejects.toMatchObject({
      code: "unavailable",
      message: "the verifier ended the stream before the session",
    });
  });

  test("fails where the verifier falls silent, before it has opened or while it has credit", async () => {
    const client = await connectTo({
      async verify(receive, send, { signal }) {
        const open = await receive();
        if (open?.type === "open" && open.credit > 3) await send(opened);
        await once(signal, "abort");
      },
    });
    for (const [credit, silence] of [
      [3, { openMs: 300, roundMs: 20_000 }],
      [4, { openMs: 20_000, roundMs: 300 }],
    ] as const) {
      const stream = client.openStream({ ...open, credit });
      const session = toVerifierSession(stream, { length: 3, credit, ...silence });
      await expect(messagesOf(session)).rejects.toMatchObject({
        code: "deadline_exceeded",
        message: "the verifier sent neither an answer nor progress for 300 ms",
      });
    }
  });

  test("may be silent while it has no credit, and may not once it has", async () => {
    const client = await connectTo({
      async verify(receive, send, { signal }) {
        await receive();
        await send(opened);
        await receive(); // an offer that brings no credit
        await send(commit);
        await once(signal, "abort");
      },
    });
    const session = toVerifierSession(client.openStream({ ...open, credit: 3 }), {
      ...{ length: 3, credit: 3, openMs: 300, roundMs: 300 },
    });
    let creditAt = Number.POSITIVE_INFINITY;
    setTimeout(() => session.offer({ ...offer, credit: 5 }), 500);
    setTimeout(() => {
      creditAt = performance.now();
      session.offer({ ...creditOffer, credit: 6 });
    }, 1_000);
    await expect(messagesOf(session)).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(performance.now() - creditAt).toBeGreaterThan(290);
  });

  test("that is closed ends without an error, and at once", async () => {
    const client = await connectTo({
      async verify(receive, send, { signal }) {
        await receive();
        await send(opened);
        await once(signal, "abort");
      },
    });
    const session = toVerifierSession(client.openStream(open), patient);
    const messages: TargetMessage[] = [];
    let closedAt = 0;
    for await (const message of session.messages) {
      messages.push(message);
      setTimeout(() => {
        closedAt = performance.now();
        session.close();
      }, 20);
    }
    expect(messages).toEqual([opened]);
    expect(performance.now() - closedAt).toBeLessThan(900);
  });
});
