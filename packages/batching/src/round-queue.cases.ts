import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { answersOf, type CaseJob, createGatedWorker } from "./gated-worker.cases.ts";
import type { QueueLimits, RoundQueue, RoundWorker } from "./round-queue.ts";

/** A queue to be tried, and how to get rid of it. */
export interface OpenedQueue {
  readonly queue: RoundQueue<CaseJob, string>;
  /** How many answers may be made that were not taken. */
  readonly mostAhead: number;
  close(): Promise<void>;
}

export type OpenQueue = (
  worker: RoundWorker<CaseJob, string>,
  limits: QueueLimits,
) => Promise<OpenedQueue>;

/** What every queue of rounds has to do, wherever its jobs run. */
export function describeRoundQueue(name: string, openQueue: OpenQueue): void {
  const job = (name: string, numAnswers = 1): CaseJob => {
    return { name, numAnswers, sessionId: "case", opens: false };
  };
  async function withQueue(
    limits: Partial<QueueLimits>,
    run: (
      queue: OpenedQueue["queue"],
      worker: ReturnType<typeof createGatedWorker>,
      mostAhead: number,
    ) => Promise<void>,
  ): Promise<void> {
    const worker = createGatedWorker();
    const opened = await openQueue(worker.worker, { maxQueued: 8, maxRunning: 1, ...limits });
    try {
      // Every job but the first is about a session that is there.
      await take(opened.queue.submit({ ...job("first"), opens: true }));
      await expect.poll(() => worker.diary.at(-1)).toBe("end first");
      worker.diary.length = 0;
      await run(opened.queue, worker, opened.mostAhead);
    } finally {
      worker.release();
      await opened.close();
    }
  }

  async function take(answers: AsyncIterable<string>): Promise<string[]> {
    const all: string[] = [];
    for await (const answer of answers) all.push(answer);
    return all;
  }

  /** Failures are kept until they are asked for. */
  const submit = (queue: OpenedQueue["queue"], job: CaseJob, signal?: AbortSignal) => {
    const taken = take(queue.submit(job, signal));
    taken.catch(() => {});
    return taken;
  };

  describe(name, () => {
    it("answers each job with its own answers, in order", () =>
      withQueue({ maxRunning: 3 }, async (queue) => {
        const jobs = [job("a", 3), job("b", 0), job("c", 20), job("d", 1)];
        const answers = await Promise.all(jobs.map((job) => submit(queue, job)));
        expect(answers).toEqual(jobs.map(answersOf));
        expect(queue.numQueued).toBe(0);
      }));

    it("counts the forwards of the model, for sessions that wait for a worker too", () =>
      withQueue({}, async (queue, worker) => {
        const counts = () => ["case", "waiting"].map((session) => queue.numForwards(session));
        const before = counts();
        worker.completeForward();
        await expect.poll(counts).toEqual(before.map((count) => count + 1));
        await sleep(300); // a worker whose model is stuck beats on
        expect(counts()).toEqual(before.map((count) => count + 1));
      }));

    it("begins jobs in the order they came in, as many at a time as may run", () =>
      withQueue({ maxRunning: 2 }, async (queue, worker) => {
        for (const name of ["before", "and", "again"]) await submit(queue, job(name));
        worker.diary.length = 0;
        worker.hold();
        const all = ["a", "b", "c", "d"].map((name) => submit(queue, job(name)));
        await expect.poll(worker.begun).toEqual(["a", "b"]);
        await sleep(20);
        expect(worker.begun()).toEqual(["a", "b"]);
        expect(queue.numQueued).toBe(4);
        worker.release("b");
        await expect.poll(worker.begun).toEqual(["a", "b", "c"]);
        worker.release();
        await Promise.all(all);
        expect(worker.begun()).toEqual(["a", "b", "c", "d"]);
      }));

    it("refuses jobs at once when it is full, says when to ask again, and takes them later", () =>
      withQueue({ maxQueued: 3 }, async (queue, worker) => {
        worker.hold();
        const all = ["a", "b", "c"].map((name) => submit(queue, job(name)));
        await expect.poll(() => queue.numQueued).toBe(3);
        await expect(submit(queue, job("d"))).rejects.toMatchObject({
          code: "resource_exhausted",
          message: "3 rounds are queued",
          retryAfterMs: expect.any(Number),
        });
        expect(queue.numQueued).toBe(3);
        worker.release();
        await Promise.all(all);
        expect(await submit(queue, job("d"))).toEqual(["d0"]);
        expect(worker.begun()).toEqual(["a", "b", "c", "d"]);
      }));

    describe("an abort", () => {
      it("before it is submitted keeps a job out", () =>
        withQueue({}, async (queue, worker) => {
          const aborted = submit(queue, job("a"), AbortSignal.abort());
          await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
          expect(worker.begun()).toEqual([]);
          expect(queue.numQueued).toBe(0);
        }));

      it("while it waits takes a job out at once; it never begins", () =>
        withQueue({}, async (queue, worker) => {
          worker.hold();
          const first = submit(queue, job("a"));
          const controller = new AbortController();
          const aborted = submit(queue, job("b"), controller.signal);
          const last = submit(queue, job("c"));
          await expect.poll(() => queue.numQueued).toBe(3);
          controller.abort();
          await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
          expect(queue.numQueued).toBe(2);
          worker.release();
          await Promise.all([first, last]);
          expect(worker.begun()).toEqual(["a", "c"]);
        }));

      it("while it runs ends a job, and the next one begins", () =>
        withQueue({}, async (queue, worker) => {
          worker.hold();
          const controller = new AbortController();
          const aborted = submit(queue, job("a"), controller.signal);
          await expect.poll(worker.begun).toEqual(["a"]);
          const next = submit(queue, job("b"));
          controller.abort();
          await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
          await expect.poll(() => worker.diary).toContain("end a");
          worker.release();
          expect(await next).toEqual(["b0"]);
          expect(worker.diary.slice(0, 2)).toEqual(["begin a", "end a"]);
          expect(queue.numQueued).toBe(0);
        }));
    });

    it("has answers made no faster than they are taken", () =>
      withQueue({}, async (queue, worker, mostAhead) => {
        const numMade = () => worker.diary.filter((entry) => entry.startsWith("made")).length;
        let numTaken = 0;
        for await (const _ of queue.submit(job("a", 50))) {
          numTaken++;
          if (numTaken % 10 === 0) await sleep(10);
          expect(numMade() - numTaken).toBeLessThanOrEqual(mostAhead);
        }
        expect(numTaken).toBe(50);
      }));

    it("ends a job whose answers nobody takes any more", () =>
      withQueue({}, async (queue, worker) => {
        for await (const answer of queue.submit(job("a", 1000))) if (answer === "a2") break;
        await expect.poll(() => worker.diary.at(-1)).toBe("end a");
        expect(worker.diary.length).toBeLessThan(30);
        await expect.poll(() => queue.numQueued).toBe(0);
        expect(await submit(queue, job("b"))).toEqual(["b0"]);
      }));

    it("has the worker told when a session is over", () =>
      withQueue({}, async (queue, worker) => {
        queue.release("case");
        queue.release("another"); // that nobody has
        await expect.poll(() => worker.diary).toContain("release case");
      }));

    it("hands a worker's error to who submitted the job, and to nobody else", () =>
      withQueue({ maxRunning: 2 }, async (queue) => {
        const all = ["a", "broken", "c", "d"].map((name) => submit(queue, job(name, 2)));
        const settled = await Promise.allSettled(all);
        expect(settled.map(({ status }) => status)).toEqual([
          "fulfilled",
          "rejected",
          "fulfilled",
          "fulfilled",
        ]);
        expect(settled[1]).toMatchObject({
          reason: expect.objectContaining({ code: "internal", message: "the worker broke" }),
        });
        expect(queue.numQueued).toBe(0);
      }));

    it("once closed finishes what runs, fails what waits and refuses what comes", () =>
      withQueue({}, async (queue, worker) => {
        worker.hold();
        const running = submit(queue, job("a", 3));
        const waiting = submit(queue, job("b"));
        await expect.poll(worker.begun).toEqual(["a"]);
        await expect.poll(() => queue.numQueued).toBe(2);
        queue.close();
        await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
        await expect(submit(queue, job("c"))).rejects.toMatchObject({ code: "unavailable" });
        worker.release();
        expect(await running).toEqual(["a0", "a1", "a2"]);
        expect(worker.begun()).toEqual(["a"]);
        expect(queue.numQueued).toBe(0);
      }));
  });
}
