import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { keysOf } from "./placements.cases.ts";
import { offerOf } from "./scripted-target.cases.ts";
import {
  type CaseSessionIngress,
  type CaseSessionWorker,
  openCaseIngress,
  openCaseWorker,
} from "./session-meeting.cases.ts";

test("any mixture of ends and lost workers leaves nothing behind, and no message twice", async () => {
  const meeting = createMeeting();
  const random = createTestRandom(1);
  const workers: CaseSessionWorker[] = [];
  const former: CaseSessionWorker[] = [];
  const openWorker = async () =>
    workers.push(
      await openCaseWorker(meeting, `w${workers.length + former.length}`, { numPlaces: 4 }),
    );
  for (let index = 0; index < 3; index++) await openWorker();
  const ingresses = [await openCaseIngress(meeting, "i1"), await openCaseIngress(meeting, "i2")];
  const ends = new Map<string, number>();

  /** Runs a session to one of its ends. */
  async function run({ sessions }: CaseSessionIngress, sessionId: string): Promise<string> {
    const controller = new AbortController();
    const numCommits = random.integer(30);
    const session = sessions.open({ sessionId, numCommits }, controller.signal);
    const [numOffers, enough] = [random.integer(20), random.integer(60)];
    const timer = random.next() < 0.2 && setTimeout(() => controller.abort(), random.integer(40));
    let expected = 0;
    try {
      for await (const message of session.messages) {
        if (message.type === "opened") {
          for (let index = 0; index < numOffers; index++)
            session.offer(offerOf(numCommits + index));
          if (random.next() < 0.7) session.cancel();
        } else if (message.type === "commit") expect(message.commit.position).toBe(expected++);
        else expect(expected).toBe(numCommits + numOffers);
        if (expected >= enough) return "enough";
        if (random.next() < 0.2) await sleep(random.integer(5));
        if (message.type !== "finished" && expected === numCommits + numOffers) session.cancel();
      }
      return "finished";
    } catch (error) {
      if (!(error instanceof AdaedlError)) throw error;
      expect(error.code === "cancelled").toBe(controller.signal.aborted);
      return error.code;
    } finally {
      clearTimeout(timer || undefined);
    }
  }

  let isReplacing = true;
  async function beClient(index: number): Promise<void> {
    const ingress = ingresses[index % 2] as CaseSessionIngress;
    for (let turn = 0; isReplacing; turn++) {
      const end = await run(ingress, `c${index % 5}-${index}-${turn}`);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  }
  async function replaceWorkers(): Promise<void> {
    for (let turn = 0; turn < 3 || !ends.has("not_found"); turn++) {
      await sleep(100 + random.integer(200));
      const [leaving] = workers.splice(random.integer(3), 1) as [CaseSessionWorker];
      former.push(leaving);
      // Some leave, some vanish.
      if (turn % 2 === 0) await leaving.hub.close();
      else await leaving.running.close();
      await openWorker();
    }
    isReplacing = false;
  }
  await Promise.all([
    replaceWorkers(),
    ...Array.from({ length: 12 }, (_, index) => beClient(index)),
  ]);

  // `aborted`: a worker that vanished had taken the session, and not claimed it.
  const usual = ["aborted", "cancelled", "enough", "finished", "not_found", "unavailable"];
  expect(usual).toEqual(expect.arrayContaining([...ends.keys()]));
  expect([...ends.keys()]).toEqual(expect.arrayContaining(["cancelled", "enough", "finished"]));
  for (const { sessions } of ingresses)
    expect([sessions.numSessions, sessions.numWaiting]).toEqual([0, 0]);
  await Promise.all(former.map(({ running }) => running.close()));
  for (const { running, target } of [...workers, ...former])
    await expect.poll(() => [running.numSessions, target.sessions.size]).toEqual([0, 0]);
  await expect.poll(() => keysOf(meeting)).toEqual([]);
  for (let index = 0; index < 12; index++) await ingresses[index % 2]?.open(`z-${index}`);
  expect(workers.map(({ target }) => target.sessions.size)).toEqual([4, 4, 4]);
});
