import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

// Vitest runs this for every project that names it: what they have in common is the process.
const processWide = globalThis as { adaedlIsBuilt?: boolean };

/** End-to-end tests run the command that ships: it is built from what is in the checkout first. */
export function setup(): void {
  if (processWide.adaedlIsBuilt) return;
  const cwd = fileURLToPath(new URL("../../packages/cli", import.meta.url));
  execFileSync("npm", ["run", "build", "--silent"], { cwd, stdio: "inherit" });
  processWide.adaedlIsBuilt = true;
}
