import type { WorkerOptions } from "node:worker_threads";

/**
 * Where a worker's entry is and how to start it. From a build it is plain JavaScript; from source
 * (tests, development) it is TypeScript, which each thread has to be taught to read first.
 * @param path of the entry from this folder, without extension
 */
export function workerEntry(path: string): { url: URL; options: WorkerOptions } {
  const isSource = import.meta.url.endsWith(".ts");
  if (!isSource) return { url: new URL(`${path}.js`, import.meta.url), options: {} };

  const entry = JSON.stringify(new URL(`${path}.ts`, import.meta.url).href);
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const bootstrap = `import { register } from ${loader}; register(); await import(${entry});`;
  return {
    url: new URL(`data:text/javascript,${encodeURIComponent(bootstrap)}`),
    options: { execArgv: ["--conditions", "@adaedl/source"] },
  };
}
