import { expect, it } from "vitest";
import { createMemoryQueue } from "./memory-queue.ts";
import { describeRoundQueue } from "./round-queue.cases.ts";

describeRoundQueue("the queue in memory", async (worker, limits) => {
  const queue = createMemoryQueue(worker, limits);
  return { queue, mostAhead: 1, close: async () => queue.close() };
});

it("keeps its count, and to its limit, through any mixture of ends", async () => {
  let numRunning = 0;
  let mostRunning = 0;
  const queue = createMemoryQueue<number, number>(
    {
      numForwards: 0,
      release() {},
      async *run(job, signal) {
        mostRunning = Math.max(mostRunning, ++numRunning);
        try {
          for (let answer = 0; answer < 3; answer++) {
            await new Promise((resolve) => setTimeout(resolve, job % 3));
            signal?.throwIfAborted();
            if (job % 7 === 3) throw new Error("broken");
            yield answer;
          }
        } finally {
          numRunning--;
        }
      },
    },
    { maxQueued: 1000, maxRunning: 4 },
  );
  const jobs = Array.from({ length: 200 }, async (_, job) => {
    const controller = new AbortController();
    if (job % 5 === 1) setTimeout(() => controller.abort(), job % 40);
    const answers: number[] = [];
    for await (const answer of queue.submit(job, controller.signal)) {
      answers.push(answer);
      if (job % 6 === 2) break;
    }
    return answers.length;
  });
  const settled = await Promise.allSettled(jobs);
  expect(queue.numQueued).toBe(0);
  expect(mostRunning).toBe(4);
  for (const [job, result] of settled.entries()) {
    if (job % 5 === 1) continue; // aborted or done, whichever came first
    const expected = job % 7 === 3 ? undefined : job % 6 === 2 ? 1 : 3;
    expect(result.status === "fulfilled" ? result.value : undefined).toBe(expected);
  }
  // All four places are free again, and no more than those.
  mostRunning = 0;
  const last = Array.from({ length: 20 }, async () => {
    for await (const _ of queue.submit(1));
  });
  await Promise.all(last);
  expect(mostRunning).toBe(4);
});
