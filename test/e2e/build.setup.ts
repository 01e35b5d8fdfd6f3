import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** End-to-end tests run the command that ships: it is built from what is in the checkout first. */
export function setup(): void {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("npx", ["tsc", "--build", "packages/cli"], { cwd, stdio: "inherit" });
}
