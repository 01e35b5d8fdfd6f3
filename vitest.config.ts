import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const repoPath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests run from the TypeScript sources of every package: no build has to come first.
const conditions = ["@adaedl/source", "module", "node", "development|production"];

// Roots are absolute: a relative one resolves against the wrong folder and silently finds no test.
const packages = ["packages", "services"].flatMap((folder) =>
  readdirSync(repoPath(folder)).map((name) => ({
    extends: true as const,
    test: {
      name: folder === "services" ? `${name}-service` : name,
      root: repoPath(`${folder}/${name}`),
      include: ["src/**/*.test.ts"],
    },
  })),
);
const suites = readdirSync(repoPath("test")).map((name) => ({
  extends: true as const,
  test: {
    name,
    root: repoPath(`test/${name}`),
    include: ["**/*.test.ts"],
    ...(["e2e", "faults"].includes(name)
      ? { globalSetup: repoPath("test/e2e/build.setup.ts") }
      : {}),
  },
}));

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [...packages, ...suites],
    // Graphs that tests build stay in the checkout, not in the user's cache.
    env: { ADAEDL_CACHE_DIR: repoPath("node_modules/.cache/adaedl") },
    execArgv: ["--expose-gc"], // for tests that look at memory
    // Two files at a time on two cores: tests that wait for processes and networks leave room.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
