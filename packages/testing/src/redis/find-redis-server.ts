import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { locateCommand } from "../locate-command.ts";

const run = promisify(execFile);

/** How to get a redis-server, for error messages. */
export const installHint =
  "apt-get install redis-server (Debian, Ubuntu) or brew install redis (macOS)";

/**
 * The redis-server binary on the PATH. As root on Debian or Ubuntu it is installed when missing.
 *
 * @throws Error when there is none
 */
export async function findRedisServer(): Promise<string> {
  const path = (await locateCommand("redis-server")) ?? (await install());
  if (path === undefined) throw new Error(`no redis-server on the PATH: ${installHint}`);
  return path;
}

/**
 * Several test files may need it at a time: one installs, the others wait for it at the lock, which
 * `.ci/run` and `base-images.sh` keep to as well: apt-get itself fails where another is running.
 */
async function install(): Promise<string | undefined> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || (await locateCommand("apt-get")) === undefined) return undefined;
  const script = `command -v redis-server || {
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server
  }`;
  const lock = join(tmpdir(), "adaedl-apt-get.lock");
  console.info("installing redis-server for tests");
  try {
    // Closed for what is installed: a server that starts at once would hold the lock for good.
    const command = ["--close", lock, "sh", "-c", script];
    await run("flock", command, { timeout: 300_000, maxBuffer: 2 ** 26 });
  } catch (cause) {
    throw new Error("redis-server is missing and apt-get install redis-server failed", { cause });
  }
  return locateCommand("redis-server");
}
