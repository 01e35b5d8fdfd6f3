// Cuts the manifests in the working directory down to what builds and runs, for `npm ci`: half of all files are there for
// tests and checks alone.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const isBuilder = (name) =>
  name.startsWith("@types/") || ["esbuild", "turbo", "typescript"].includes(name);

const lockfile = read("package-lock.json");
for (const [folder, entry] of Object.entries(lockfile.packages)) {
  if (folder.includes("node_modules")) continue;
  const file = join(folder, "package.json");
  const manifest = read(file);
  for (const { devDependencies } of [manifest, entry])
    for (const name of Object.keys(devDependencies ?? {}))
      if (!isBuilder(name)) delete devDependencies[name];
  write(file, manifest);
}
write("package-lock.json", lockfile);

function read(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function write(file, content) {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
