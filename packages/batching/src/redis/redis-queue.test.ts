import { randomUUID } from "node:crypto";
import { inject } from "vitest";

import { caseCodec } from "../gated-worker.cases.ts";
import { describeRoundQueue } from "../round-queue.cases.ts";
import { openRedisHub } from "./redis-hub.ts";
import { openRedisQueue } from "./redis-queue.ts";
import { openRedisWorker } from "./redis-worker.ts";

const url = inject("redisUrl");

describeRoundQueue("the queue in Redis", async (worker, limits) => {
  const namespace = randomUUID();
  const workerHub = await openRedisHub({ url, namespace, id: "w" });
  const hub = await openRedisHub({ url, namespace, id: "i" });
  const options = { ...limits, kind: "case", facts: null, numPlaces: 8, forgetAfterMs: 60_000 };
  const roundWorker = Object.assign(Object.create(worker), { numFree: 1, canMakeRoom: false });
  const running = await openRedisWorker(workerHub, roundWorker, caseCodec, options);
  const queue = await openRedisQueue(hub, caseCodec, { ...limits, maxWaiting: 8 });
  return {
    queue,
    mostAhead: 9,
    async close() {
      await running.close();
      await queue.end();
      await Promise.all([hub.close(), workerHub.close()]);
    },
  };
});
