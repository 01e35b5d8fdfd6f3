// Two targets that differ in their last bits and in nothing that they say of themselves but their numerics: the same
// model with weights that were changed by little, since two kinds of CPU are hardly ever at hand.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type GenerateRequest, openVerificationClient } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import { copyModel, findFreePort, readModelTensors, writeSafetensors } from "@adaedl/testing";
import { type RunningVerifier, startVerifier, type VerifierOptions } from "@adaedl/verifier";
import { afterAll, afterEach, beforeEach, expect, inject, test } from "vitest";
import { openFor } from "../network/open-for.ts";
import {
  generateAt,
  startTestDraftService,
  storyteller,
  withDefaults,
} from "../network/start-services.ts";

const folder = mkdtempSync(join(tmpdir(), "adaedl-numerics-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const changed = copyModel(storyteller.target, join(folder, basename(storyteller.target)), {});
writeSafetensors(
  join(changed, "model.safetensors"),
  [...readModelTensors(storyteller.target)].map(([name, { shape, values }]) => ({
    ...{ name, shape, dtype: "F32" },
    values: name === "model.norm.weight" ? values.map((value) => value * (1 + 2 ** -20)) : values,
  })),
);

const request: GenerateRequest = {
  prompt: { type: "text", text: "Once upon a time" },
  ...{ seed: 3, maxTokens: 60, ignoreEos: true, sampling: { temperature: 0.7 } },
};
const patience = { timeout: 120_000 };
let namespace: string;
let logged: { message: string; facts: Record<string, unknown> }[];
let started: RunningVerifier[];
beforeEach(() => {
  namespace = randomUUID();
  [logged, started] = [[], []];
});
afterEach(async () => {
  for (const verifier of started.reverse()) await verifier.close();
});

const log = (facts: Record<string, unknown>, message: string) => logged.push({ message, facts });
const logger = { debug() {}, info: log, warn: log, error: log } as unknown as Logger;

async function start(directory: string, options: Partial<VerifierOptions> = {}) {
  const metricsListen = `127.0.0.1:${await findFreePort()}`;
  const target = { directory, numThreads: 1 };
  const verifier = await startVerifier(withDefaults({ target, metricsListen, ...options }), logger);
  started.push(verifier);
  return {
    verifier,
    async numChanges(): Promise<number> {
      const metrics = await (await fetch(`http://${metricsListen}/metrics`)).text();
      return Number(/^adaedl_numerics_changes_total\{.*\} (\d+)$/m.exec(metrics)?.[1]);
    },
  };
}

function startDraftService(verifiers: readonly RunningVerifier[], giveUpMs: number) {
  const timeouts = { openMs: 10_000, roundMs: 10_000, giveUpMs };
  return startTestDraftService(
    verifiers.map(({ address }) => address),
    { timeouts },
  );
}

/** A text whose target is lost after ten tokens. */
async function generateWhileLosing(lost: RunningVerifier, address: string) {
  let numTokens = 0;
  return await generateAt(address, request, undefined, () => {
    if (++numTokens === 10) void lost.close();
  });
}

const change = expect.stringMatching(/^a text goes on with other numerics/);
const messagesLike = (message: unknown) =>
  logged.filter((line) => {
    try {
      expect(line.message).toEqual(message);
      return true;
    } catch {
      return false;
    }
  });

test("a text that goes on with other numerics is counted, and logged", patience, async () => {
  const first = await start(storyteller.target);
  const other = await start(changed);
  const [before, numerics] = [first, other].map(({ verifier }) => verifier.description.numerics);
  expect(numerics).not.toBe(before);
  expect({ ...other.verifier.description, numerics: before }).toEqual(first.verifier.description);
  await using service = await startDraftService([first.verifier, other.verifier], 20_000);
  const { tokenIds, finished } = await generateWhileLosing(first.verifier, service.address);
  expect(tokenIds).toHaveLength(60);
  expect(finished.statistics.numReopened).toBe(1);
  expect(await other.numChanges()).toBe(1);
  expect(messagesLike(change)).toEqual([{ message: change, facts: { numerics, before } }]);
});

test(
  "a target that requires the same numerics refuses it, names both, and takes new texts",
  patience,
  async () => {
    const first = await start(storyteller.target);
    const other = await start(changed, { requireSameNumerics: true });
    const [before, numerics] = [first, other].map(({ verifier }) => verifier.description.numerics);
    await using service = await startDraftService([first.verifier, other.verifier], 500);
    const lost = generateWhileLosing(first.verifier, service.address);
    await expect(lost).rejects.toMatchObject({ code: "unavailable" });
    // The draft service began at the lost one: texts that begin now depend on nothing that was there.
    expect((await generateAt(service.address, request)).tokenIds).toHaveLength(60);
    const client = openVerificationClient(other.verifier);
    const description = { ...other.verifier.description, numerics: before ?? "" };
    const stream = client.openStream(openFor(description, [1, 2], { committedTokenIds: [3] }));
    await expect(stream.receive()).rejects.toMatchObject({
      ...{ code: "failed_precondition", field: "numerics" },
      message: `numerics must be the verifier's, ${numerics}, got ${before}`,
    });
    client.close();
    expect(await other.numChanges()).toBe(0);
  },
);

test("over Redis, too: a worker takes the text over", patience, async () => {
  const redis = { url: inject("redisUrl"), namespace, maxWaiting: 10 };
  const first = await start(storyteller.target, { redis, role: "worker" });
  const ingress = await start(storyteller.target, { redis, role: "ingress" });
  const other = await start(changed, { redis, role: "worker" });
  await expect.poll(() => ingress.verifier.status().numWorkers, patience).toBe(2);
  const [before, numerics] = [first, other].map(({ verifier }) => verifier.description.numerics);
  expect(messagesLike("worker found, texts that move there may change")).toMatchObject([
    { facts: { difference: `numerics is "${numerics}", not "${before}"` } },
  ]);
  // The text begins at either of them.
  await using service = await startTestDraftService([ingress.verifier.address]);
  let numTokens = 0;
  const workers = [first, other];
  await generateAt(service.address, request, undefined, () => {
    if (++numTokens !== 10) return;
    void workers.find(({ verifier }) => verifier.status().numSlots > 0)?.verifier.close();
  });
  const changes = await Promise.all(workers.map(({ numChanges }) => numChanges().catch(() => 0)));
  expect(changes.toSorted()).toEqual([0, 1]);
});

test(
  "over Redis, workers that require the same numerics do not serve beside others",
  patience,
  async () => {
    const redis = { url: inject("redisUrl"), namespace, maxWaiting: 10 };
    const strict = { redis, requireSameNumerics: true };
    const first = await start(storyteller.target, { ...strict, role: "worker" });
    const ingress = await start(storyteller.target, { redis, role: "ingress" });
    expect(ingress.verifier.description).toMatchObject({ requiresSameNumerics: true });
    const other = await start(changed, { ...strict, role: "worker" });
    const [expected, numerics] = [first, other].map(
      ({ verifier }) => verifier.description.numerics,
    );
    const leftOut = "a worker has another model or other limits: it is left out";
    await expect
      .poll(() => messagesLike(leftOut))
      .toMatchObject([{ facts: { difference: `numerics is "${numerics}", not "${expected}"` } }]);
    expect(ingress.verifier.status().numWorkers).toBe(1);
  },
);
