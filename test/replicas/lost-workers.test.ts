import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "@adaedl/bench";
import type { RunningDraftService } from "@adaedl/draft-service";
import { createTestRandom } from "@adaedl/testing";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type UndisturbedText, undisturbedTexts } from "../faults/disturbed.ts";
import { startTestDraftService } from "../network/start-services.ts";
import { startLoad } from "./load.ts";
import { type ReplicaProcesses, startReplicaProcesses } from "./replica-processes.ts";

let replicas: ReplicaProcesses;
let draft: RunningDraftService;
let undisturbed: readonly UndisturbedText[];

beforeAll(async () => {
  replicas = await startReplicaProcesses({
    redisUrl: inject("redisUrl"),
    numIngresses: 1,
    numWorkers: 3,
  });
  const addresses = replicas.ingresses.map(({ address }) => address);
  draft = await startTestDraftService(addresses, {
    timeouts: { openMs: 10_000, roundMs: 5_000, giveUpMs: 30_000 },
  });
  undisturbed = await undisturbedTexts();
}, 300_000);
afterAll(async () => {
  await draft?.close();
  await replicas?.[Symbol.asyncDispose]();
});

/** The median where nothing else runs. */
const usualPauseMs = 1_600;

test("kill -9 of a random worker of 3 every few seconds for a minute, with 12 sessions at work", {
  timeout: 600_000,
}, async () => {
  const random = createTestRandom(4);
  const load = startLoad([draft.address], undisturbed, 12);
  const restarting: Promise<void>[] = [];
  let numKills = 0;
  for (const endAt = performance.now() + 60_000; performance.now() < endAt; ) {
    await sleep(2_000 + random.next() * 2_000);
    await Promise.all(restarting.splice(0)); // two are always there
    const victim = replicas.workers[Math.floor(random.next() * replicas.workers.length)];
    await victim?.kill();
    numKills++;
    restarting.push(sleep(500).then(() => victim?.start()));
  }
  await Promise.all(restarting);
  const { numTexts, numReopened, pausesMs } = await load.stop();
  const [median, most] = [quantile(pausesMs, 0.5), quantile(pausesMs, 0.99)];
  console.info(
    `${numKills} kills, ${numTexts} texts, ${numReopened} sessions placed again; their longest pause: median ${median.toFixed(0)} ms, p99 ${most.toFixed(0)} ms`,
  );
  expect(numTexts).toBeGreaterThan(50);
  expect(numReopened).toBeGreaterThan(numKills / 2); // some were met in the middle
  // 2 s and a prefill of some 0.1 s, with slack; as much more as the usual pause takes where other tests run.
  expect(most).toBeLessThan(6_000 * Math.max(1, median / usualPauseMs));
});

test("a worker stopped for 5 s goes on as if nothing had happened: nobody listens", {
  timeout: 300_000,
}, async () => {
  for (const zombie of replicas.workers.slice(0, 2)) {
    const load = startLoad([draft.address], undisturbed, 24); // so many that it has some of them
    await load.begun;
    await sleep(500);
    zombie.signal("SIGSTOP");
    await Promise.all([sleep(5_000), load.goOn()]); // nobody waits for it to come back
    zombie.signal("SIGCONT");
    await sleep(1_500);
    const { numReopened } = await load.stop();
    expect(numReopened).toBeGreaterThan(0);
  }
  // All of them serve again.
  const { numTexts } = await startLoad([draft.address], undisturbed, 6).stop();
  expect(numTexts).toBe(6);
});
