// Cuts the manifests in the working directory down to what one service runs with, for `turbo prune`:
//
//   node keep-service.mjs gateway
//
// A service is started by the adaedl command, which loads the service itself only then; of what else the command can
// do, only `adaedl health` is kept. Without a service, the command keeps all it has. What builds and tests goes in any case.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What `adaedl serve` and `adaedl health` load besides the service. */
const keptByAll = [
  ...["@adaedl/core", "@adaedl/example-models", "@adaedl/protocol", "@adaedl/telemetry"],
  ...["commander", "picocolors"],
];
const packageOf = {
  gateway: "@adaedl/gateway",
  draft: "@adaedl/draft-service",
  verifier: "@adaedl/verifier",
};
const command = "packages/cli";

const service = process.argv[2];
if (service !== undefined && !Object.hasOwn(packageOf, service))
  throw new Error(`no service ${service}: ${Object.keys(packageOf).join(", ")}`);

const lockfile = read("package-lock.json");
for (const [folder, entry] of Object.entries(lockfile.packages)) {
  if (folder.includes("node_modules")) continue;
  const file = join(folder, "package.json");
  const manifest = read(file);
  for (const { dependencies } of [manifest, entry])
    for (const name of Object.keys(dependencies ?? {}))
      if (folder === command && !isKept(name)) delete dependencies[name];
  delete manifest.devDependencies;
  delete entry.devDependencies;
  write(file, manifest);
}
write("package-lock.json", lockfile);

function isKept(name) {
  return service === undefined || name === packageOf[service] || keptByAll.includes(name);
}

function read(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function write(file, content) {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
