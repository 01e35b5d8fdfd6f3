import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { foreignFiles, requireOwnFolder } from "./own-folder.ts";

const temporaryPrefix = ".building-";

/** A temporary folder untouched for this long belongs to a process that died. */
const abandonedMs = 24 * 60 * 60 * 1000;
/** One build tidies up after so many others at most. */
const maxRemovals = 16;
/** Processes that replace the same damaged folder at a time get in each other's way at most so often. */
const maxAttempts = 3;

/** A finished folder beside the one that is wanted. */
export interface Neighbor {
  readonly name: string;
  /** Since it was opened or built. */
  readonly ageMs: number;
  /** 0 for the one that was opened last. */
  readonly rank: number;
}

export interface BuildOptions {
  /** What is wrong with a folder that is there, in words; such a one is built anew. */
  readonly problemOf?: (folder: string) => Promise<string | undefined>;
  /** Whether a neighbor is removed when a folder is built. */
  readonly isStale?: (neighbor: Neighbor) => boolean;
}

/**
 * Makes a folder once: `fill` works in a temporary neighbor that takes the final name only when it is
 * complete and on the disk. Of two processes that build the same folder at a time one wins, both get a
 * whole one, and a process that dies on the way leaves nothing that would be taken for a result; what it
 * does leave is removed by a later build. A folder that is damaged, or that another user may have written,
 * is replaced, with one warning.
 * @throws AdaedlError `failed_precondition` where others may write the parent folder
 */
export async function buildOnce(
  folder: string,
  fill: (temporary: string) => Promise<void>,
  options: BuildOptions = {},
): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o755 }); // whatever the umask lets others do
  await requireOwnFolder(parent);
  const problem = await problemOf(folder, options);
  if (problem === undefined) {
    const now = new Date();
    await utimes(folder, now, now).catch(() => {}); // a cache that is read only may be old
    return;
  }
  if (problem !== absent) {
    process.emitWarning(`${folder} is built anew: ${problem}`, "CacheWarning");
    await remove(folder); // before the build, so that another process's is not taken for the damaged one
  }
  await removeStale(parent, options.isStale);
  const temporary = temporaryIn(parent);
  await mkdir(temporary, { mode: 0o755 });
  try {
    await fill(temporary);
    await syncFolder(temporary);
    await publish(temporary, folder, options);
    await sync(parent);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const absent = "it is not there";

async function problemOf(folder: string, { problemOf }: BuildOptions): Promise<string | undefined> {
  try {
    return (await foreignFiles(folder)) ?? (await problemOf?.(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return absent;
    throw error;
  }
}

/** Gives the finished folder its name, unless another process was faster. */
async function publish(temporary: string, folder: string, options: BuildOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(temporary, folder);
      return;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      const isTaken = ["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(code);
      if (!isTaken || attempt === maxAttempts) throw error;
    }
    if ((await problemOf(folder, options)) === undefined) return;
    await remove(folder);
  }
}

/** Under another name first: a folder is whole or not there. */
async function remove(folder: string): Promise<void> {
  const removed = temporaryIn(dirname(folder));
  await rename(folder, removed).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error; // another process was faster
  });
  await rm(removed, { recursive: true, force: true });
}

function temporaryIn(parent: string): string {
  return join(parent, `${temporaryPrefix}${process.pid}-${randomBytes(6).toString("hex")}`);
}

/** Without it a name may survive a loss of power, and the bytes under it may not. */
async function syncFolder(folder: string): Promise<void> {
  await Promise.all((await readdir(folder)).map((name) => sync(join(folder, name))));
  await sync(folder);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeStale(
  parent: string,
  isStale: BuildOptions["isStale"] = () => false,
): Promise<void> {
  const now = Date.now();
  const names = await readdir(parent);
  const aged = await Promise.all(
    names.map(async (name) => {
      const changedMs = (await lstat(join(parent, name)).catch(() => undefined))?.mtimeMs ?? now;
      return { name, ageMs: now - changedMs };
    }),
  );
  const isTemporary = ({ name }: { name: string }) => name.startsWith(temporaryPrefix);
  const abandoned = aged.filter((entry) => isTemporary(entry) && entry.ageMs > abandonedMs);
  const stale = aged
    .filter((entry) => !isTemporary(entry))
    .sort((a, b) => a.ageMs - b.ageMs)
    .filter((entry, rank) => isStale({ ...entry, rank }));
  for (const { name } of [...abandoned, ...stale].slice(0, maxRemovals))
    await rm(join(parent, name), { recursive: true, force: true });
}
