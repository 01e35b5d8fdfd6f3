import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { undisturbedTexts } from "../faults/disturbed.ts";
import { startTestDraftService } from "../network/start-services.ts";
import { startLoad } from "./load.ts";
import { startReplicaProcesses } from "./replica-processes.ts";

test("a rolling restart of all workers and ingresses under load fails no request", {
  timeout: 600_000,
}, async () => {
  await using replicas = await startReplicaProcesses({
    redisUrl: inject("redisUrl"),
    numIngresses: 2,
    numWorkers: 3,
    // Less than a text takes: some are finished where they are, others have to move.
    args: ["--drain-timeout", "0.5"],
  });
  await using draft = await startTestDraftService(
    replicas.ingresses.map(({ address }) => address),
    { timeouts: { openMs: 10_000, roundMs: 5_000, giveUpMs: 30_000 } },
  );
  const undisturbed = await undisturbedTexts();
  const load = startLoad([draft.address], undisturbed, 8);
  await load.begun;
  for (const replica of [...replicas.workers, ...replicas.ingresses]) {
    await sleep(500);
    replica.signal("SIGTERM");
    expect(await replica.ended()).toBe(0);
    await replica.start();
  }
  const { numTexts, numReopened } = await load.stop(); // throws when one failed
  console.info(`${numTexts} texts, ${numReopened} sessions moved`);
  expect(numTexts).toBeGreaterThan(20);
  expect(numReopened).toBeGreaterThan(0);
});
