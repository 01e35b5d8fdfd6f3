import { parentPort, workerData } from "node:worker_threads";
import { openRedisHub, openRedisSessionWorker } from "@adaedl/batching";
import { echoCodec, echoTarget } from "./echo-target.ts";

// Entry of a thread: a worker with an event loop of its own, as in production.
const { url, namespace } = workerData as { url: string; namespace: string };
const hub = await openRedisHub({ url, namespace, id: "worker" });
const options = { kind: "echo", facts: null, numPlaces: 1024, forgetAfterMs: 600_000 };
const worker = await openRedisSessionWorker(hub, echoTarget, echoCodec, options);
parentPort?.on("message", async () => {
  await worker.close();
  await hub.close();
  parentPort?.close();
});
