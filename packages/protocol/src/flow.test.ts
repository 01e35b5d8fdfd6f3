import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceError, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { openVerificationClient } from "./client/verification-client.ts";
import { writeMessage } from "./flow.ts";
import type { GenerateEvent } from "./generation/messages.ts";
import type { CallContext } from "./server/served-service.ts";
import { deferred, open, opened, rawClients, startTestServer } from "./server/test-server.cases.ts";
import { maxUnsentBytes } from "./verification/limits.ts";
import { encodeVerifyRequest } from "./verification/request-codec.ts";

const text = "x".repeat(20_000);
const token = { type: "token", tokenId: 1, text, origin: "bonus" } as const;
const bigOpen = { ...open, promptTokenIds: Array(20_000).fill(99) };
const request = { text: "Once" };

/** Yields without end, counts what it was asked for, and says when it was let go. */
function endlessGeneration() {
  const ended = deferred<CallContext>();
  const counts = { numYielded: 0 };
  async function* generate(_: unknown, context: CallContext): AsyncGenerator<GenerateEvent> {
    try {
      for (;;) {
        counts.numYielded++;
        yield token;
      }
    } finally {
      ended.resolve(context);
    }
  }
  return { generate, counts, ended: ended.promise };
}

/**
 * What `count` comes to. Both ends are in this process: whatever is still on its way moves within a few
 * turns of the event loop, however slow the machine is.
 */
async function settled(count: () => number): Promise<number> {
  let known = count();
  for (let numEqual = 0; numEqual < 40; numEqual++) {
    await sleep(5);
    if (known === 0 || count() !== known) numEqual = 0; // 0: not yet connected
    known = count();
  }
  return known;
}

test("a client that does not read is held back, and cut off after the write timeout", async () => {
  const generation = endlessGeneration();
  await using server = await startTestServer({ generation, writeTimeoutMs: 600 });
  using clients = rawClients(server.address);
  const startedAt = performance.now();
  const call = clients.generation.Generate(request);
  let numReceived = 0;
  call.on("data", () => {
    numReceived++;
    if (numReceived === 1) call.pause();
  });
  const numYielded = await settled(() => generation.counts.numYielded);
  // What the windows and the streams' buffers of both sides hold, whatever there is to say.
  expect(numYielded).toBeLessThan(60);

  const { signal } = await generation.ended;
  expect(performance.now() - startedAt).toBeGreaterThan(550);
  expect(generation.counts.numYielded).toBe(numYielded);
  await expect.poll(() => signal.aborted).toBe(true);

  // It is told why, should it read after all.
  call.resume();
  const [error] = (await once(call, "error")) as [ServiceError];
  expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  expect(error.details).toBe("the other side took nothing for 600 ms");
  expect(numReceived).toBe(numYielded);
});

test("a client that reads slowly is waited for, and pulls no more than it takes", async () => {
  const { generate, counts, ended } = endlessGeneration();
  await using server = await startTestServer({
    generation: { generate },
    writeTimeoutMs: 2_000,
  });
  using clients = rawClients(server.address);
  const call = clients.generation.Generate(request);
  let numReceived = 0;
  for await (const _ of call) {
    numReceived++;
    await sleep(5);
    expect(counts.numYielded - numReceived).toBeLessThan(60);
    if (numReceived === 100) break;
  }
  call.on("error", () => {});
  call.cancel();
  await ended;
});

test("a verifier that does not read holds its client back, until it reads", async () => {
  const readOn = deferred();
  const numTaken = deferred<number>();
  await using server = await startTestServer({
    verification: {
      async verify(receive) {
        await readOn.promise;
        let count = 0;
        while ((await receive()) !== undefined) count++;
        numTaken.resolve(count);
      },
    },
  });
  using clients = rawClients(server.address);
  const call = clients.verification.Verify();
  call.on("data", () => {});
  const { signal } = new AbortController();
  const wire = encodeVerifyRequest(bigOpen);
  let numSent = 0;
  const sending = (async () => {
    for (; numSent < 200; numSent++) await writeMessage(call, wire, 20_000, signal);
  })();
  expect(await settled(() => numSent)).toBeLessThan(120);
  readOn.resolve();
  await sending;
  call.end();
  expect(await numTaken.promise).toBe(200);
});

test("a verifier that never reads is given up after the write timeout", async () => {
  await using server = await startTestServer({
    verification: { verify: (_, __, { signal }) => once(signal, "abort").then(() => {}) },
  });
  using clients = rawClients(server.address);
  const call = clients.verification.Verify();
  call.on("error", () => {});
  const wire = encodeVerifyRequest(bigOpen);
  const { signal } = new AbortController();
  const sending = (async () => {
    for (;;) await writeMessage(call, wire, 300, signal);
  })();
  await expect(sending).rejects.toMatchObject({
    code: "deadline_exceeded",
    message: "the other side took nothing for 300 ms",
  });
  call.cancel();
});

test("a session that nobody reads does not hold up another on the same connection", async () => {
  await using server = await startTestServer({
    verification: {
      async verify(receive, send, { signal }) {
        const message = await receive();
        if (message?.type === "open" && message.sessionId === "idle") await once(signal, "abort");
        else await send(opened);
      },
    },
  });
  const client = openVerificationClient({ address: server.address });
  const idle = client.openStream({ ...open, sessionId: "idle" });
  const node = { parent: 0, tokenId: 99, chance: 0.5 };
  const offer = { firstId: 1, nodes: Array(256).fill(node), credit: 0 };
  while (idle.traffic.bytesUp < maxUnsentBytes / 2) idle.send({ type: "offer", offer });

  const busy = client.openStream(bigOpen);
  expect(await busy.receive(AbortSignal.timeout(5_000))).toEqual(opened);
  idle.reset();
  busy.close();
  client.close();
});
