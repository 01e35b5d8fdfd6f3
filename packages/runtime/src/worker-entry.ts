import type { WorkerOptions } from "node:worker_threads";

/**
 * Where a worker's entry is and how to start it. From source (tests, development) it is TypeScript,
 * which the worker has to be told how to read; from a build it is plain JavaScript.
 */
export function workerEntry(path: string): { url: URL; options: WorkerOptions } {
  const isSource = import.meta.url.endsWith(".ts");
  return {
    url: new URL(isSource ? `${path}.ts` : `${path}.js`, import.meta.url),
    options: isSource
      ? { execArgv: ["-C", "@adaedl/source", "--import", import.meta.resolve("tsx")] }
      : {},
  };
}
