// Node loads the modules of tests (docs/decisions/0006), but before version 22 it reads no TypeScript: esbuild removes the
// types. Runs before each test file, and in Vitest's own process for the global setups.

import { readFile } from "node:fs/promises";
import { isBuiltin, register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const isTypeScript = /\.ts(?:\?|$)/;
/** How Vitest asks for a test file, so that it is loaded anew. */
const testFile = "%3Fvitest=";
const isOfOurs = (url) => url !== undefined && !url.includes("/node_modules/");

// Once a process, and not in its threads: those of models run bundles, and that of the hooks runs this file.
if (isMainThread && !globalThis.adaedlReadsTypeScript) {
  globalThis.adaedlReadsTypeScript = true;
  register(import.meta.url);
}

// Node's hooks: https://nodejs.org/api/module.html#hooks

/**
 * In front of Vitest's own, which reports each module to its process, for watching: a report that is under way when a
 * file's last test has ended would fail the run. It reports nothing without a parent, and nothing of node_modules.
 */
export async function resolve(specifier, context, nextResolve) {
  if (process.env.VITEST_MODE === "WATCH") return nextResolve(specifier, context);
  if (specifier.includes(testFile))
    return { url: specifier.replace(testFile, "?vitest="), shortCircuit: true };
  const { parentURL } = context;
  if (specifier.startsWith(".") && isOfOurs(parentURL))
    return { url: new URL(specifier, parentURL).href, shortCircuit: true };
  if (isBuiltin(specifier) || specifier.startsWith("@adaedl/"))
    return nextResolve(specifier, { ...context, parentURL: undefined });
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!isTypeScript.test(url)) return nextLoad(url, context);
  const { transform } = await import("esbuild");
  const sourcefile = fileURLToPath(url);
  const { code } = await transform(await readFile(sourcefile, "utf8"), {
    ...{ loader: "ts", format: "esm", target: "node20.19" },
    ...{ sourcefile, sourcemap: "inline", sourcesContent: false },
  });
  return { format: "module", source: code, shortCircuit: true };
}
