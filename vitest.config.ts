import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { DeadWorkerReporter } from "./packages/testing/src/dead-worker-reporter.ts";
import "./packages/testing/src/typescript.setup.mjs";

const repoPath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests run from the TypeScript sources of every package: no build has to come first.
const conditions = ["@adaedl/source", "node", "development|production"];

/** Tests of processes that talk to each other; the others have all they test in their own. */
const suitesOfSystems = [
  ...["containers", "e2e", "faults", "gateway"],
  ...["hostile", "learning", "network", "replicas"],
];
const suites = readdirSync(repoPath("test"));
const suitesOfParts = suites.filter((suite) => !suitesOfSystems.includes(suite));

/** They look at all that their process holds, or replace what a module imports. */
const alone = [
  "packages/network-emulator/src/close.test.ts",
  "packages/model/src/cache/cache-directory.test.ts",
  "packages/learning/src/index.test.ts",
];

const besideSources = "{packages,services}/*/src/**/*.test.ts";
const inSuites = (suites: readonly string[]) => suites.map((suite) => `test/${suite}/**/*.test.ts`);
/** Made once, for all tests of a run. */
const madeFor = {
  parts: ["packages/testing/src/temporary-folder.setup.ts"],
  systems: ["test/e2e/build.setup.ts"],
  both: ["packages/testing/src/redis/shared-redis.setup.ts"],
};

/** Node loads the modules: docs/decisions/0006. */
const native = {
  experimental: { viteModuleRunner: false, nodeLoader: false },
  setupFiles: [repoPath("packages/testing/src/typescript.setup.mjs")],
  execArgv: ["--expose-gc", "--conditions=@adaedl/source"], // gc: for tests that look at memory
};

/**
 * Test files leave nothing behind: those of a project share two processes, which load what is tested once. So there
 * are as few projects as there are ways to run a test.
 */
const project = (
  name: string,
  include: readonly string[],
  setups: readonly string[],
  topology: "memory" | "redis" = "memory",
) => ({
  extends: true as const,
  test: {
    ...{ name, include: [...include], exclude: [...configDefaults.exclude, ...alone] },
    globalSetup: [...setups, ...madeFor.both].map(repoPath),
    provide: { topology },
    ...native,
  },
});
const lonely = { extends: true as const, test: { name: "alone", include: alone, isolate: true } };

/** `--mode unit`: what a developer runs after each change. */
const unit = [
  project("parts", [besideSources, ...inSuites(["simulation"])], madeFor.parts),
  lonely,
];
const all = [
  lonely,
  project("parts", [besideSources, ...inSuites(suitesOfParts)], madeFor.parts),
  project("systems", inSuites(suitesOfSystems), madeFor.systems),
  // What holds for one verifier has to hold for an ingress and workers that meet in Redis.
  project("systems-over-redis", inSuites(["network"]), [], "redis"),
];

/** By project, but images are built first: later two files at a time would wait for them. */
class ImagesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification) =>
      Number(moduleId.startsWith(repoPath("test/deploy/")));
    return (await super.sort(files)).sort((a, b) => isFirst(b) - isFirst(a));
  }
}

export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: mode === "unit" ? unit : all,
    // Graphs that tests build stay in the checkout, not in the user's cache.
    env: {
      ADAEDL_CACHE_DIR: repoPath("node_modules/.cache/adaedl"),
      // Certificates of a machine's own, which each process would read at its start, for 50 ms.
      NODE_EXTRA_CA_CERTS: "",
    },
    isolate: false,
    reporters: ["default", new DeadWorkerReporter()],
    sequence: { sequencer: ImagesFirst },
    // Two files at a time on two cores: tests that wait for processes and networks leave room, and three
    // take as long.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
}));
