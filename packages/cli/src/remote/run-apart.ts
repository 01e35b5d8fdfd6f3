import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { nodeOptions } from "./spawn-service.ts";

/**
 * Runs an `adaedl` command in a process of its own.
 * @param variables of its environment, besides what it inherits
 * @returns what it printed
 * @throws what it complained about, when it fails
 */
export async function runApart(
  args: readonly string[],
  signal: AbortSignal,
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const command = process.argv[1] ?? fileURLToPath(new URL("../../bin/adaedl.js", import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...nodeOptions, ...process.execArgv, command, ...args],
    { signal, env: { ...process.env, ...variables } },
  );
  return stdout;
}
