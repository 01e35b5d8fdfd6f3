import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { openGenerationClient } from "../client/generation-client.ts";
import { encodeVerifyRequest } from "../verification/request-codec.ts";
import type { CallContext } from "./served-service.ts";
import { open, rawClients, startTestServer } from "./test-server.cases.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server that tells how long its callers wait, as it is said to the handler when it begins. */
async function startTelling() {
  const told: (number | undefined)[] = [];
  const contexts: CallContext[] = [];
  const tell = (context: CallContext) => {
    told.push(context.deadlineMs);
    contexts.push(context);
  };
  const server = await startTestServer({
    verification: { verify: async (_, __, context) => tell(context) },
    generation: {
      async *generate(_, context) {
        tell(context);
        yield* [];
      },
    },
  });
  const generation = openGenerationClient({ address: server.address });
  const raw = rawClients(server.address);
  closing.push(
    () => server.close(),
    () => generation.close(),
    () => raw[Symbol.dispose](),
  );
  const generate = async (timeoutMs?: number) => {
    const prompt = { type: "text", text: "" } as const;
    for await (const _ of generation.generate({ prompt }, undefined, { timeoutMs }));
  };
  const verify = async (deadline?: Date | number) => {
    const call = raw.verification.Verify(deadline === undefined ? {} : { deadline });
    call.on("data", () => {});
    call.write(encodeVerifyRequest(open));
    await once(call, "end");
  };
  return { told, contexts, generate, verify };
}

describe("how long a caller waits", () => {
  test("is known to the handler, and grows less", async () => {
    const { told, contexts, generate } = await startTelling();
    await generate(60_000);
    expect(told[0]).toBeGreaterThan(40_000);
    expect(told[0]).toBeLessThanOrEqual(60_001); // the library rounds up
    await sleep(50);
    expect(contexts[0]?.deadlineMs).toBeLessThan((told[0] ?? 0) - 40);
  });

  test("is known of a stream as well, however its deadline was given", async () => {
    const { told, verify } = await startTelling();
    await verify(Date.now() + 60_000);
    await verify(new Date(Date.now() + 30_000));
    expect(told[0]).toBeGreaterThan(40_000);
    expect(told[1]).toBeGreaterThan(10_000);
    expect(told[1]).toBeLessThanOrEqual(30_001);
  });

  test("is undefined when nobody said", async () => {
    const { told, generate, verify } = await startTelling();
    await generate();
    await verify();
    await verify(Number.POSITIVE_INFINITY);
    expect(told).toEqual([undefined, undefined, undefined]);
  });

  test("is 0 once the deadline has passed", async () => {
    const { contexts, generate } = await startTelling();
    await generate(1_000);
    await expect.poll(() => contexts[0]?.deadlineMs, { timeout: 5_000 }).toBe(0);
  });
});
