import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Entries that this process has bundled, by path. */
const bundled = new Map<string, URL>();

/**
 * Where a worker's entry is, as plain JavaScript. A build has it; from source (tests, development) it
 * is bundled first, once a process: a thread that reads TypeScript itself takes four times as long.
 * @param path of the entry from the folder of the module `from`, without extension
 * @param from URL of a module `worker-entry` of the entry's package: by that name the command's bundle knows that entries
 *   lie beside itself
 */
export function workerEntry(path: string, from = import.meta.url): URL {
  const isSource = from.endsWith(".ts");
  if (!isSource) return new URL(`${path}.js`, from);
  const known = bundled.get(path) ?? bundle(path, from);
  bundled.set(path, known);
  return known;
}

function bundle(path: string, from: string): URL {
  const require = createRequire(import.meta.url);
  const { buildSync } = require("esbuild") as typeof import("esbuild"); // not there in a release
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(`${path}.ts`, from))],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@adaedl/source"],
    external: ["onnxruntime-node"], // found from the checkout's node_modules
  });
  const folder = new URL("../../../node_modules/.cache/adaedl/bundles/", import.meta.url);
  const file = new URL(`${path.replaceAll("/", "-").replace(/^\.-/, "")}.mjs`, folder);
  const unfinished = new URL(`${randomUUID()}.mjs`, folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(unfinished, outputFiles[0]?.contents ?? "");
  renameSync(unfinished, file); // other processes see the old one or a whole one
  return file;
}
