import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of the files in a model directory and one level below, where exported graphs lie. */
export async function directorySize(directory: string, depth = 1): Promise<number> {
  let total = 0;
  for (const name of await readdir(directory)) {
    // Follows links: Hugging Face's cache keeps its files as links to blobs.
    const path = join(directory, name);
    const entry = await stat(path).catch(() => undefined);
    if (entry?.isFile()) total += entry.size;
    else if (entry?.isDirectory() && depth > 0) total += await directorySize(path, depth - 1);
  }
  return total;
}
