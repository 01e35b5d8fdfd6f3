/**
 * For the worker threads of packages that run a model of another kind. It loads onnxruntime, which a main thread must not:
 * `openWorkerChannel` has to turn its reports off before.
 */

export { type GraphInput, type OpenGraph, openGraph } from "./worker/open-graph.ts";
export { serveRequests } from "./worker/serve-requests.ts";
