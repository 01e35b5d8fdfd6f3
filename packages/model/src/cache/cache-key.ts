import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { WeightPrecision } from "@adaedl/core";

/** Count up with every change of the graph or of the layout of a cache entry. */
const builderVersion = 8;

/** Up to this size a file is known by its bytes, beyond by what the file system says of it. */
const maxHashedBytes = 1 << 28;

/**
 * A name for what the builder makes of these files: changes with any of them, with the precision, with the
 * builder and with what packs the weights.
 * @param packing id of the packer; empty where they are not packed
 */
export async function cacheKey(
  directory: string,
  weightFiles: readonly string[],
  precision: WeightPrecision,
  packing = "",
): Promise<string> {
  const hash = createHash("sha256").update(`${precision}\n${packing}\n`);
  for (const file of [join(directory, "config.json"), ...weightFiles]) {
    const { size, mtimeMs, ctimeMs, ino } = await stat(file);
    hash.update(`${basename(file)} ${size}\n`);
    if (size > maxHashedBytes) hash.update(`file ${ino} changed at ${mtimeMs} ${ctimeMs}\n`);
    else
      for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 }))
        hash.update(bytes);
  }
  return `${builderVersion}-${hash.digest("hex").slice(0, 24)}`;
}

/** Whether a cache entry, named by what it was built from and its key, is another builder's. */
export function isOfOtherBuilder(entry: string): boolean {
  return !new RegExp(`-${builderVersion}-[0-9a-f]{24}$`).test(entry);
}
