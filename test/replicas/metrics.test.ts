import { randomUUID } from "node:crypto";
import { createLogger } from "@adaedl/telemetry";
import { findFreePort } from "@adaedl/testing";
import { type RunningVerifier, startVerifier } from "@adaedl/verifier";
import { expect, inject, test } from "vitest";
import { requestNumber } from "../faults/disturbed.ts";
import { generateAt, startTestDraftService, withDefaults } from "../network/start-services.ts";

const logger = createLogger("test", "silent");

/** A verifier that is watched, and its numbers by name. */
async function startWatched(role: "ingress" | "worker", namespace: string) {
  const metricsListen = `127.0.0.1:${await findFreePort()}`;
  const redis = { url: inject("redisUrl"), namespace, maxWaiting: 10 };
  const verifier = await startVerifier(withDefaults({ role, redis, metricsListen }), logger);
  return {
    verifier,
    async scrape(): Promise<ReadonlyMap<string, number>> {
      const text = await (await fetch(`http://${metricsListen}/metrics`)).text();
      const lines = text.split("\n").filter((line) => /^adaedl_/.test(line));
      return new Map(
        lines.map((line) => {
          const [, name, labels, value] = /^adaedl_(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
          const own = labels?.replace(/,?model_name="storyteller-target"/, "");
          return [own === "" ? `${name}` : `${name}{${own}}`, Number(value)];
        }),
      );
    },
  };
}

const closeAll = async (verifiers: readonly RunningVerifier[]) => {
  for (const verifier of verifiers) await verifier.close();
};

test("what autoscalers go by is what happened", { timeout: 60_000 }, async () => {
  const namespace = randomUUID();
  const workers = await Promise.all([1, 2].map(() => startWatched("worker", namespace)));
  const ingress = await startWatched("ingress", namespace);
  const draft = await startTestDraftService([ingress.verifier.address]);
  const numTexts = 6;
  await Promise.all(
    Array.from({ length: numTexts }, (_, index) => generateAt(draft.address, requestNumber(index))),
  );
  await draft.close();

  const atIngress = await ingress.scrape();
  expect(atIngress.get("num_workers")).toBe(2);
  expect(atIngress.get("num_requests_waiting")).toBe(0);
  expect(atIngress.get("placement_wait_seconds_count")).toBe(numTexts);
  expect(atIngress.get("placement_wait_seconds_sum")).toBeLessThan(numTexts * 5);
  expect(atIngress.has("num_free_slots")).toBe(false); // it has none to fill
  for (const { verifier, scrape } of workers) {
    const { numSteps, numSlots } = verifier.status();
    expect(numSteps).toBeGreaterThan(0);
    const atWorker = await scrape();
    expect(atWorker.get("verify_batch_size_count")).toBe(numSteps);
    expect(atWorker.get("verify_batch_wait_seconds_count")).toBe(
      atWorker.get("verify_batch_size_sum"),
    );
    expect(atWorker.get("num_free_slots")).toBe(64 - numSlots);
    expect(atWorker.get("kv_cache_usage_perc")).toBeGreaterThanOrEqual(0);
  }

  // Nobody is there any more: what comes is turned away, and counted.
  await closeAll(workers.map(({ verifier }) => verifier));
  await expect.poll(async () => (await ingress.scrape()).get("num_workers")).toBe(0);
  const alone = await startTestDraftService([ingress.verifier.address], {
    timeouts: { openMs: 1_000, roundMs: 1_000, giveUpMs: 100 },
  });
  await expect(generateAt(alone.address, requestNumber(0))).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("there is no worker"),
  });
  const refused = 'rejected_requests_total{reason="unavailable"}';
  expect((await ingress.scrape()).get(refused)).toBeGreaterThan(0);
  await alone.close();
  await closeAll([ingress.verifier]);
});
