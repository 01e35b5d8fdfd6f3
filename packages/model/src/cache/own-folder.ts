import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";

/**
 * Refuses a folder in which others may put what we would take for our own.
 * @throws AdaedlError `failed_precondition` naming the folder, and who may write it
 */
export async function requireOwnFolder(folder: string): Promise<void> {
  const problem = writerOf(await stat(folder));
  if (problem === undefined) return;
  throw new AdaedlError(
    "failed_precondition",
    `the cache folder ${folder} ${problem}: let nobody else write it (chmod go-w), or set ADAEDL_CACHE_DIR to a folder of your own`,
    { field: "ADAEDL_CACHE_DIR", value: folder },
  );
}

/** Who else may have written a folder or a file in it, in words; undefined where nobody may. */
export async function foreignFiles(folder: string): Promise<string | undefined> {
  const problem = writerOf(await lstat(folder));
  if (problem !== undefined) return `it ${problem}`;
  for (const name of await readdir(folder)) {
    const inner = writerOf(await lstat(join(folder, name)));
    if (inner !== undefined) return `${name} ${inner}`;
  }
  return undefined;
}

/** Links count as written by others: they show what lies elsewhere. Without meaning on Windows. */
function writerOf({ uid, mode }: Stats): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  if (uid !== user && uid !== 0) return `belongs to user ${uid}, not to ${user}`;
  if ((mode & 0o022) === 0) return undefined;
  return `may be written by others (mode ${(mode & 0o777).toString(8)})`;
}
