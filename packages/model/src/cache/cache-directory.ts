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

const writeFailures = [
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOTDIR",
  "EEXIST",
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
];

/** The error of a failed build: `failed_precondition` where the cache cannot be written. */
export function asCacheError(error: unknown, cache: string): unknown {
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || !writeFailures.includes(code)) return error;
  const message = `the cache ${cache} cannot be written: ${code}; ${remedy}`;
  return new AdaedlError("failed_precondition", message, {
    field: "ADAEDL_CACHE_DIR",
    value: cache,
    cause: error,
  });
}
