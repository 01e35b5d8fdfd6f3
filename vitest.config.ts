import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const repoPath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests run from the TypeScript sources of every package: no build has to come first.
const conditions = ["@adaedl/source", "node", "development|production"];

// What has to be there before the tests of a project; a Redis is shared by all projects of a run.
// (the gateway's: the page as browsers get it)
const usesBuiltCommand = ["e2e", "faults", "replicas", "gateway", "hostile"];
const usesRedis = [
  ...["testing", "batching", "verifier-service"],
  ...["faults", "gateway", "hostile", "network", "replicas", "containers"],
];
// Elsewhere test files leave nothing behind: those of a project share processes, which load what is tested
// once. Here a helper closes the model threads of its file, which it has to be loaded anew for.
const isolated = ["runtime"];
const globalSetup = (project: string) => [
  ...(project === "model" ? [repoPath("packages/testing/src/temporary-folder.setup.ts")] : []),
  ...(usesBuiltCommand.includes(project) ? [repoPath("test/e2e/build.setup.ts")] : []),
  ...(usesRedis.includes(project)
    ? [repoPath("packages/testing/src/redis/shared-redis.setup.ts")]
    : []),
];

// Roots are absolute: a relative one resolves against the wrong folder and silently finds no test.
const packages = ["packages", "services"].flatMap((folder) =>
  readdirSync(repoPath(folder)).map((directory) => {
    const name = folder === "services" ? `${directory}-service` : directory;
    return {
      extends: true as const,
      test: {
        name,
        root: repoPath(`${folder}/${directory}`),
        include: ["src/**/*.test.ts"],
        globalSetup: globalSetup(name),
        isolate: isolated.includes(name),
      },
    };
  }),
);
const suite = (folder: string, name: string, topology: "memory" | "redis") => ({
  extends: true as const,
  test: {
    name,
    root: repoPath(`test/${folder}`),
    include: ["**/*.test.ts"],
    globalSetup: globalSetup(folder),
    provide: { topology },
  },
});
const suites = readdirSync(repoPath("test")).map((name) => suite(name, name, "memory"));
// What holds for one verifier has to hold for an ingress and workers that meet in Redis.
const suitesOverRedis = [suite("network", "network-over-redis", "redis")];
/** `--mode unit`: what a developer runs after each change. */
const unit = [...packages, ...suites.filter(({ test }) => test.name === "simulation")];

/** By project, but images are built first: later two files at a time would wait for them. */
class ImagesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ project }: TestSpecification) => Number(project.name === "deploy");
    return (await super.sort(files)).sort((a, b) => isFirst(b) - isFirst(a));
  }
}

export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: mode === "unit" ? unit : [...packages, ...suites, ...suitesOverRedis],
    // Graphs that tests build stay in the checkout, not in the user's cache.
    env: {
      ADAEDL_CACHE_DIR: repoPath("node_modules/.cache/adaedl"),
      // Certificates of a machine's own, which each process would read at its start, for 50 ms.
      NODE_EXTRA_CA_CERTS: "",
    },
    execArgv: ["--expose-gc"], // for tests that look at memory
    isolate: false,
    sequence: { sequencer: ImagesFirst },
    // Two files at a time on two cores: tests that wait for processes and networks leave room, and three
    // take as long.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
}));
