import envPaths from "env-paths";

/** Where built graphs are kept: `ADAEDL_CACHE_DIR`, else the user's cache folder (XDG on Linux). */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env.ADAEDL_CACHE_DIR || envPaths("adaedl", { suffix: "" }).cache;
}
