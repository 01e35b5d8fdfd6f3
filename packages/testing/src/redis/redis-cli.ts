import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The lines that redis-cli prints for a command to the server on this port. */
export async function redisCli(port: number, ...command: readonly string[]): Promise<string[]> {
  const args = ["-h", "127.0.0.1", "-p", String(port), ...command];
  const { stdout } = await run("redis-cli", args, { timeout: 30_000 });
  return stdout.trim().split(/\r?\n/);
}

/** The value of a name in an answer that lists names and values in turn. */
export function fieldValue(lines: readonly string[], name: string): string | undefined {
  const index = lines.indexOf(name);
  return index < 0 ? undefined : lines[index + 1];
}
