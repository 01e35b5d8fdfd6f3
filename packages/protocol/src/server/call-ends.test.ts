import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import type { CallContext } from "./served-service.ts";
import { deferred, open, startTestServer } from "./test-server.cases.ts";

const { signal } = new AbortController();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server whose sessions last until they are told to end, or their signal is aborted. */
async function startWaiting() {
  const started = deferred<CallContext>();
  const finish = deferred();
  const wait = async (context: CallContext) => {
    started.resolve(context);
    const aborted = once(context.signal, "abort").then(() => context.signal.throwIfAborted());
    await Promise.race([finish.promise, aborted]);
  };
  const server = await startTestServer({
    verification: { verify: (_, __, context) => wait(context) },
    generation: {
      async *generate(_, context) {
        await wait(context);
        yield* [];
      },
    },
  });
  const verification = openVerificationClient({ address: server.address });
  const generation = openGenerationClient({ address: server.address });
  closing.push(
    () => server.close(),
    () => verification.close(),
    () => generation.close(),
  );
  return {
    server,
    context: started.promise,
    finish: finish.resolve,
    verification,
    generate: async (signal?: AbortSignal, timeoutMs?: number) => {
      const prompt = { type: "text", text: "" } as const;
      for await (const _ of generation.generate({ prompt }, signal, { timeoutMs }));
    },
  };
}

describe("a handler's signal is aborted", () => {
  test("when the client resets its stream", async () => {
    const { verification, context } = await startWaiting();
    const stream = verification.openStream(open);
    const { signal: handlers } = await context;
    expect(handlers.aborted).toBe(false);
    stream.reset();
    await expect.poll(() => handlers.aborted).toBe(true);
    expect(handlers.reason).toMatchObject({
      code: "cancelled",
      message: "the client ended the call",
    });
    await expect(stream.receive(signal)).rejects.toMatchObject({ code: "cancelled" });
  });

  test("when the client goes away with its connection", async () => {
    const { verification, context } = await startWaiting();
    const stream = verification.openStream(open);
    const { signal: handlers } = await context;
    stream.reset();
    verification.close();
    await expect.poll(() => handlers.aborted).toBe(true);
  });

  test("when the client's signal is aborted", async () => {
    const { generate, context } = await startWaiting();
    const controller = new AbortController();
    const generated = generate(controller.signal);
    const { signal: handlers } = await context;
    controller.abort();
    await expect(generated).rejects.toMatchObject({ code: "cancelled" });
    await expect.poll(() => handlers.aborted).toBe(true);
  });

  test("when the client's deadline passes, and the client is told so", async () => {
    const { generate, context } = await startWaiting();
    const generated = generate(undefined, 200);
    const { signal: handlers } = await context;
    await expect(generated).rejects.toMatchObject({ code: "deadline_exceeded" });
    await expect.poll(() => handlers.aborted).toBe(true);
  });

  test("when its call is over, whatever it has left running", async () => {
    const { generate, context, finish } = await startWaiting();
    const generated = generate();
    const { signal: handlers } = await context;
    expect(handlers.aborted).toBe(false);
    finish();
    await generated;
    expect(handlers.aborted).toBe(true);
    expect(handlers.reason).toMatchObject({ message: "the call has ended" });
  });
});

describe("a drain", () => {
  test("lets a running call finish, and ends then", async () => {
    const { server, verification, context, finish } = await startWaiting();
    const stream = verification.openStream(open);
    await context;
    let isDrained = false;
    const drained = server.drain(20_000).then(() => {
      isDrained = true;
    });
    await sleep(300);
    expect(isDrained).toBe(false);
    finish();
    expect(await stream.receive(signal)).toBeUndefined();
    await drained;
    expect((await context).signal.reason).toMatchObject({ message: "the call has ended" });
  });

  test.each(["stream", "generation"])(
    "ends a %s that takes too long, and says why",
    async (kind) => {
      const { server, verification, context, generate } = await startWaiting();
      let ended: Promise<unknown>;
      if (kind === "stream") {
        const stream = verification.openStream(open);
        ended = stream.receive(signal);
      } else ended = generate();
      const outcome = expect(ended).rejects.toMatchObject({
        code: "unavailable",
        message: "the server is shutting down",
      });
      const { signal: handlers } = await context;
      const startedAt = performance.now();
      await server.drain(300);
      expect(performance.now() - startedAt).toBeGreaterThan(290);
      await outcome;
      expect(handlers.reason).toMatchObject({ code: "unavailable" });
      await expect(verification.describe(2_000)).rejects.toMatchObject({ code: "unavailable" });
    },
  );

  test("of an idle server is over at once", async () => {
    const { server } = await startWaiting();
    const startedAt = performance.now();
    await server.drain(20_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("is cut short by close", async () => {
    const { server, generate, context } = await startWaiting();
    const outcome = expect(generate()).rejects.toMatchObject({ code: "unavailable" });
    await context;
    const startedAt = performance.now();
    const drained = server.drain(20_000);
    await server.close();
    await drained;
    await outcome;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
