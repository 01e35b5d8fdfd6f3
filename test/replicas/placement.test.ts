import { randomUUID } from "node:crypto";
import { openVerificationClient, type VerificationStream } from "@adaedl/protocol";
import { createLogger } from "@adaedl/telemetry";
import { type RunningVerifier, startVerifier, type VerifierOptions } from "@adaedl/verifier";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openFor } from "../network/open-for.ts";
import { withDefaults } from "../network/start-services.ts";

const logger = createLogger("test", "silent");
let namespace: string;
let started: RunningVerifier[];
beforeEach(() => {
  namespace = randomUUID();
  started = [];
});
afterEach(async () => {
  for (const verifier of started.reverse()) await verifier.close();
});

async function start(
  role: "all" | "ingress" | "worker",
  options: Partial<VerifierOptions> = {},
): Promise<RunningVerifier> {
  const redis = { url: inject("redisUrl"), namespace, maxWaiting: 100 };
  const verifier = await startVerifier(withDefaults({ redis, role, ...options }), logger);
  started.push(verifier);
  return verifier;
}

const slotsOf = (verifiers: readonly RunningVerifier[]) =>
  verifiers.map((verifier) => verifier.status().numSlots);

/** Opens sessions; `close` ends them all. */
function sessionsAt(ingress: RunningVerifier) {
  const client = openVerificationClient(ingress);
  const streams: VerificationStream[] = [];
  return {
    async open(): Promise<void> {
      const stream = client.openStream(openFor(ingress.description, [1, 2, 3]));
      streams.push(stream);
      let message = await stream.receive();
      while (message?.type === "progress") message = await stream.receive();
      expect(message).toMatchObject({ type: "opened" });
    },
    async close(): Promise<void> {
      for (const stream of streams.splice(0)) stream.close();
      await expect.poll(() => ingress.status().numSessions).toBe(0);
      client.close();
    },
  };
}

test("sessions spread over the workers, one by one and in a burst, and free their slots", async () => {
  const workers = await Promise.all([start("worker"), start("worker"), start("worker")]);
  const ingress = await start("ingress");
  await expect.poll(() => ingress.status().numWorkers).toBe(3); // one is enough to start
  for (const isBurst of [false, true]) {
    const sessions = sessionsAt(ingress);
    if (isBurst) await Promise.all(Array.from({ length: 24 }, sessions.open));
    else for (let count = 0; count < 24; count++) await sessions.open();
    const slots = slotsOf(workers);
    expect(slots.reduce((sum, count) => sum + count)).toBe(24);
    expect(Math.max(...slots) - Math.min(...slots)).toBeLessThanOrEqual(isBurst ? 6 : 2);
    await sessions.close();
    await expect.poll(() => slotsOf(workers)).toEqual([0, 0, 0]);
  }
});

test("a verifier that is both shares its worker, and uses the others'", async () => {
  const both = await start("all");
  const worker = await start("worker");
  const ingress = await start("ingress");
  await expect.poll(() => both.status().numWorkers).toBe(2);
  for (const entrance of [both, ingress]) {
    const sessions = sessionsAt(entrance);
    for (let count = 0; count < 6; count++) await sessions.open();
    for (const slots of slotsOf([both, worker])) expect(slots).toBeGreaterThanOrEqual(2);
    await sessions.close();
    await expect.poll(() => slotsOf([both, worker])).toEqual([0, 0]);
  }
});

test("a worker with other limits is left out, and nothing else is harmed", async () => {
  const worker = await start("worker");
  const ingress = await start("ingress");
  const stranger = await start("worker", { maxDraftLength: 3 });
  const sessions = sessionsAt(ingress);
  for (let count = 0; count < 8; count++) await sessions.open();
  expect(slotsOf([worker, stranger])).toEqual([8, 0]);
  expect(ingress.status().numWorkers).toBe(1);
  await sessions.close();
});

test("an ingress does not require numerics: it has no target", async () => {
  await expect(start("ingress", { requireSameNumerics: true })).rejects.toMatchObject({
    ...{ code: "invalid_argument", field: "requireSameNumerics" },
    message: expect.stringMatching(/^requireSameNumerics must not be given for the role ingress/),
  });
});

test("an ingress and a worker say that they need Redis", async () => {
  for (const role of ["ingress", "worker"] as const)
    await expect(startVerifier(withDefaults({ role }), logger)).rejects.toMatchObject({
      code: "invalid_argument",
      message: `redisUrl must be given for the role ${role}`,
    });
});
