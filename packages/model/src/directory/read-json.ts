import { readFile } from "node:fs/promises";
import { AdaedlError } from "@adaedl/core";

/**
 * Reads a JSON file.
 * @returns undefined when there is no such file
 * @throws AdaedlError `invalid_argument` naming the file when it is not JSON
 */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AdaedlError("not_found", `${path} cannot be read: ${(error as Error).message}`, {
      field: path,
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AdaedlError("invalid_argument", `${path} is not valid JSON`, {
      field: path,
      cause: error,
    });
  }
}
