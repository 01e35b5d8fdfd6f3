import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Modules that are loaded before anything runs: all but types and `await import(…)`. */
function staticImports(file: URL, found = new Set<string>()): Set<string> {
  const source = readFileSync(file, "utf8");
  for (const [, specifier = ""] of source.matchAll(
    /^(?:import|export)\s(?!type\b)(?:[^;"]*\sfrom\s)?"([^"]+)";/gm,
  )) {
    const isOurs = specifier.startsWith(".");
    const name = isOurs ? new URL(specifier, file).href : specifier;
    if (found.has(name)) continue;
    found.add(name);
    if (isOurs) staticImports(new URL(name), found);
  }
  return found;
}

// A service that is restarted, and every --help, waits for all of them.
test("no command loads what only another needs", () => {
  const names = [...staticImports(new URL("./main.ts", import.meta.url))];
  expect(names.filter((name) => !/^(file|node):/.test(name)).sort()).toEqual([
    "@adaedl/core",
    "@adaedl/example-models",
    "commander",
    "picocolors",
  ]);
});
