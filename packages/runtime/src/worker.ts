/** For packages that run a model of another kind in a worker thread. */

export { type GraphInput, type OpenGraph, openGraph } from "./worker/open-graph.ts";
export { serveRequests } from "./worker/serve-requests.ts";
export { openWorkerChannel } from "./worker-channel.ts";
export { workerEntry } from "./worker-entry.ts";
