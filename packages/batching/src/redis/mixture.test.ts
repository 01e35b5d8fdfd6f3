import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import type { CaseJob } from "../gated-worker.cases.ts";
import { type CaseIngress, type CaseWorker, createMeeting } from "./meeting.cases.ts";
import { keysOf } from "./placements.cases.ts";

const numClients = 16;
/** At least so many of each; both go on until a session has missed its worker, however fast a machine is. */
const numTurns = 9;
const numReplacements = 4;

/** What became of jobs: how often all answers came, some were enough, or it failed with a code. */
type Ends = Map<string, number>;

test.each([1, 2])("any mixture of ends leaves nothing behind (seed %d)", async (seed) => {
  const meeting = createMeeting();
  const random = createTestRandom(seed);
  const ends: Ends = new Map();
  const workers: CaseWorker[] = [];
  const former: CaseWorker[] = [];
  let isReplacing = true;
  const openWorker = async () =>
    workers.push(await meeting.openWorker(`w${workers.length + former.length}`, { numPlaces: 4 }));
  for (let index = 0; index < 3; index++) await openWorker();
  const ingresses = [await meeting.openIngress("i1"), await meeting.openIngress("i2")];

  /** Runs a job to one of its ends. @returns whether the session goes on */
  async function run({ queue }: CaseIngress, job: CaseJob): Promise<boolean> {
    const controller = new AbortController();
    const abortAfterMs = random.next() < 0.25 ? random.integer(30) : undefined;
    const enough = random.next() < 0.2 ? random.integer(10) : Number.POSITIVE_INFINITY;
    if (abortAfterMs === 0) queueMicrotask(() => controller.abort());
    const timer = abortAfterMs && setTimeout(() => controller.abort(), abortAfterMs);
    const answers: string[] = [];
    const count = (end: string) => ends.set(end, (ends.get(end) ?? 0) + 1);
    try {
      for await (const answer of queue.submit(job, controller.signal)) {
        answers.push(answer);
        if (answers.length >= enough) break;
        if (random.next() < 0.3) await sleep(random.integer(5));
      }
      count(answers.length === job.numAnswers ? "all" : "enough");
      expect(answers.length).toBe(Math.min(job.numAnswers, Math.max(1, enough)));
      return true;
    } catch (error) {
      if (!(error instanceof AdaedlError)) throw error;
      count(error.code);
      expect(error.code === "cancelled").toBe(controller.signal.aborted);
      return error.code === "internal" || (error.code === "cancelled" && !job.opens);
    } finally {
      clearTimeout(timer);
      // Each answer once and in order, however it ended.
      expect(answers).toEqual(answers.map((_, number) => `${job.name}${number}`));
    }
  }

  /** Sessions one after the other, with some rounds each. */
  async function beClient(index: number): Promise<void> {
    const ingress = ingresses[index % 2] as CaseIngress;
    for (let turn = 0; turn < numTurns || isReplacing; turn++) {
      const sessionId = `c${index % 5}-${index}-${turn}`;
      let isOpen = await run(ingress, { name: sessionId, numAnswers: 1, sessionId, opens: true });
      for (let round = random.integer(5); isOpen && round > 0; round--) {
        const name = random.next() < 0.05 ? "broken" : `${sessionId}r${round}a`;
        isOpen = await run(ingress, {
          ...{ name, sessionId, opens: false },
          numAnswers: 1 + random.integer(25),
        });
      }
      ingress.queue.release(sessionId);
    }
  }

  async function replaceWorkers(): Promise<void> {
    for (let turn = 0; turn < numReplacements || !ends.has("not_found"); turn++) {
      await sleep(100 + random.integer(200));
      const [leaving] = workers.splice(random.integer(workers.length), 1) as [CaseWorker];
      former.push(leaving);
      // Some say good-bye, some vanish.
      if (random.next() < 0.3) await leaving.hub.close();
      else await leaving.running.close();
      await openWorker();
    }
    isReplacing = false;
  }

  await Promise.all([
    replaceWorkers(),
    ...Array.from({ length: numClients }, (_, index) => beClient(index)),
  ]);
  const codes = ["aborted", "all", "cancelled", "enough", "internal", "not_found"];
  expect([...codes, "unavailable"]).toEqual(expect.arrayContaining([...ends.keys()]));
  expect([...ends.keys()]).toEqual(expect.arrayContaining(["all", "cancelled", "not_found"]));
  for (const { queue } of ingresses) expect([queue.numQueued, queue.numWaiting]).toEqual([0, 0]);
  await Promise.all(former.map(({ running }) => running.close()));
  for (const { running, sessions } of [...workers, ...former]) {
    await expect.poll(() => running.numQueued).toBe(0);
    await expect.poll(() => sessions.size).toBe(0);
  }
  await expect.poll(() => keysOf(meeting)).toEqual([]);
  // All places are there again.
  for (let index = 0; index < 12; index++) await ingresses[index % 2]?.open(`z-${index}`);
  expect(workers.map(({ sessions }) => sessions.size)).toEqual([4, 4, 4]);
});
