import { readFile } from "node:fs/promises";
import { AdaedlError } from "@adaedl/core";
import type { z } from "zod";
import { lfsPointer, lfsPointerStart } from "./lfs-pointer.ts";

/**
 * Reads a text file.
 * @returns undefined when there is no such file
 * @throws AdaedlError `not_found` naming the file when it cannot be read, `failed_precondition` when it
 *   is a Git LFS pointer
 */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
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
  if (text.startsWith(lfsPointerStart)) throw lfsPointer(path);
  return text;
}

/**
 * Reads a JSON file.
 * @returns undefined when there is no such file
 * @throws AdaedlError as `readTextIfPresent`, `invalid_argument` naming the file when it is not JSON
 */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  const text = await readTextIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AdaedlError("invalid_argument", `${path} is not valid JSON`, {
      field: path,
      cause: error,
    });
  }
}

/**
 * Checks a document that was read.
 * @throws AdaedlError `invalid_argument` naming file and field
 */
export function parseDocument<T>(file: string, json: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || "(the whole file)";
  const isMissing = issue?.code === "invalid_type" && issue.message.endsWith("received undefined");
  const problem = isMissing ? " is missing" : `: ${issue?.message}`;
  throw new AdaedlError("invalid_argument", `${file}: ${field}${problem}`, { field });
}
