import { randomBytes } from "node:crypto";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Makes a folder once: `fill` works in a temporary neighbour that takes the final name only when it
 * is complete. Of two processes that build the same folder at a time one wins, both get a whole one,
 * and a process that dies on the way leaves nothing that would be taken for a result.
 */
export async function buildOnce(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  if (await exists(folder)) return;
  const parent = dirname(folder);
  const temporary = join(parent, `.building-${process.pid}-${randomBytes(6).toString("hex")}`);
  await mkdir(temporary, { recursive: true });
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
