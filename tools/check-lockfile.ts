// Fails when package-lock.json would break `npm ci` on another platform or on Node 20:
// every optional (platform) dependency must have its own entry, and no entry may need Node above 20.
import { readFileSync } from "node:fs";

interface LockEntry {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockfile = process.argv[2] ?? "package-lock.json";
const { packages } = JSON.parse(readFileSync(lockfile, "utf8")) as {
  packages: Record<string, LockEntry>;
};

const problems: string[] = [];
for (const [path, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    const found = packages[`node_modules/${name}`] ?? packages[`${path}/node_modules/${name}`];
    if (found === undefined) problems.push(`${path}: no entry for its optional ${name}`);
  }
  const range = entry.engines?.node ?? "";
  const needsNewer = /(>=|\^)\s*2[1-9]/.test(range) && !/(\^|>=)\s*(20|1[0-9]|[0-9])\b/.test(range);
  if (needsNewer) problems.push(`${path}: needs Node ${range}`);
}

for (const problem of problems) console.error(`${lockfile}: ${problem}`);
console.log(`${lockfile}: ${Object.keys(packages).length} entries, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
