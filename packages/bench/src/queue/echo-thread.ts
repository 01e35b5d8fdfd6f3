import { parentPort, workerData } from "node:worker_threads";
import { openRedisHub, openRedisWorker } from "@adaedl/batching";
import { echoCodec, echoWorker } from "./echo-round.ts";

// Entry of a thread: a worker with an event loop of its own, as in production.
const { url, namespace } = workerData as { url: string; namespace: string };
const hub = await openRedisHub({ url, namespace, id: "worker" });
const worker = await openRedisWorker(
  hub,
  { ...echoWorker, numFree: 1024, canMakeRoom: false },
  echoCodec,
  {
    kind: "echo",
    facts: null,
    numPlaces: 1024,
    forgetAfterMs: 600_000,
    maxQueued: 4096,
    maxRunning: 4096,
  },
);
parentPort?.on("message", async () => {
  await worker.close();
  await hub.close();
  parentPort?.close();
});
