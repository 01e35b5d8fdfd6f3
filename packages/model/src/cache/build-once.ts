import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

const temporaryPrefix = ".building-";

/** A temporary folder untouched for this long belongs to a process that died. */
const abandonedMs = 24 * 60 * 60 * 1000;

/**
 * Makes a folder once: `fill` works in a temporary neighbour that takes the final name only when it
 * is complete. Of two processes that build the same folder at a time one wins, both get a whole one,
 * and a process that dies on the way leaves nothing that would be taken for a result; what it does
 * leave is removed by a later build.
 */
export async function buildOnce(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  if (await exists(folder)) return;
  const parent = dirname(folder);
  const name = `${temporaryPrefix}${process.pid}-${randomBytes(6).toString("hex")}`;
  const temporary = join(parent, name);
  await mkdir(temporary, { recursive: true });
  await removeAbandoned(parent);
  try {
    await fill(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // A rename onto a folder that another process has just finished: theirs is as good as ours.
    const code = (error as NodeJS.ErrnoException).code;
    if ((code === "ENOTEMPTY" || code === "EEXIST") && (await exists(folder))) return;
    throw error;
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent);
  for (const name of names.filter((name) => name.startsWith(temporaryPrefix))) {
    const path = join(parent, name);
    const changedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - changedMs > abandonedMs) await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
