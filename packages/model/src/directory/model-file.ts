import { realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { AdaedlError } from "@adaedl/core";

/** Bytes of one text or JSON file; the largest tokenizers have half of it. */
export const maxTextFileBytes = 64 << 20;

/**
 * Whether a model directory has a file. One that is a link has to lead into the directory, or to the blobs
 * of a Hugging Face cache: a directory from a stranger must not hand out what lies elsewhere.
 * @throws AdaedlError `invalid_argument` for a link out of the directory, for what is no file, and for a
 *   file of more than `maxBytes`; `not_found` for one that cannot be reached
 */
export async function hasModelFile(
  directory: string,
  file: string,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const refused = (rule: string) =>
    new AdaedlError("invalid_argument", `${file} ${rule}`, { field: file });
  let real: string;
  try {
    real = await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new AdaedlError("not_found", `${file} cannot be read: ${(error as Error).message}`, {
      field: file,
      cause: error,
    });
  }
  const root = await realpath(directory);
  const isInHub = basename(dirname(root)) === "snapshots" && dirname(real) === blobsOf(root);
  if (!real.startsWith(root + sep) && !isInHub)
    throw refused(`is a link out of the model directory, to ${real}: put the file itself there`);
  const found = await stat(real);
  if (!found.isFile()) throw refused("is not a file");
  if (found.size > maxBytes) throw refused(`has ${found.size} bytes, the limit is ${maxBytes}`);
  return true;
}

/** Where the Hub's clients keep the files of `…/snapshots/REVISION`. */
function blobsOf(snapshot: string): string {
  return resolve(snapshot, "../../blobs");
}
