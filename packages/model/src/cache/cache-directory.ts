import { statfs } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { AdaedlError } from "@adaedl/core";

const remedy = "set ADAEDL_CACHE_DIR to a folder that can be written";

/**
 * The folder of built graphs and of tokenizers from verifiers: `ADAEDL_CACHE_DIR`, else the user's cache
 * folder (XDG on Linux).
 * @throws AdaedlError `failed_precondition` for a user without a home directory
 */
export async function cacheDirectory(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const given = env.ADAEDL_CACHE_DIR?.trim();
  if (given) return given;
  // Loaded here: it looks for the home directory at once, which not every user has.
  const cache = await import("env-paths").then(
    ({ default: envPaths }) => envPaths("adaedl", { suffix: "" }).cache,
    () => "",
  );
  if (isAbsolute(cache)) return cache;
  throw new AdaedlError("failed_precondition", `no home directory for the cache: ${remedy}`, {
    field: "ADAEDL_CACHE_DIR",
  });
}

// ENOENT: what Node makes of a file system that is read only.
const refusals = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT"];
const noRoom = ["ENOSPC", "EDQUOT", "EFBIG"];

/**
 * The error of a failed build: `failed_precondition` where the cache cannot be written, which says how
 * much room is needed where it is too small.
 * @param neededBytes room that the build takes
 */
export function asCacheError(error: unknown, cache: string, neededBytes: number): unknown {
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  const isFull = noRoom.includes(code);
  if (syscall === undefined || !(isFull || refusals.includes(code))) return error;
  const needed = `${Math.ceil(neededBytes / 1e6)} MB`;
  const message = isFull
    ? `the cache ${cache} has no room for ${needed}: ${code}; set ADAEDL_CACHE_DIR to a folder with room`
    : `the cache ${cache} cannot be written: ${code}; ${remedy}`;
  return new AdaedlError("failed_precondition", message, {
    field: "ADAEDL_CACHE_DIR",
    value: cache,
    cause: error,
  });
}

/**
 * Fails before a disk is filled for nothing.
 * @throws the system's error of a full disk
 */
export async function requireRoom(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(folder);
  if (blocks === 0 || bavail * bsize >= neededBytes) return; // without blocks it does not say
  throw Object.assign(new Error("no space left"), { code: "ENOSPC", syscall: "statfs" });
}
