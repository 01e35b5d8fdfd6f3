import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { lfsPointer, lfsPointerStart } from "./lfs-pointer.ts";
import { hasModelFile, maxTextFileBytes } from "./model-file.ts";

// zod/mini has no error messages of its own.
z.config(en());

/** Brackets inside brackets: what is nested deeper overflows the stack of whoever looks at it. */
const maxDepth = 64;

/**
 * Reads a text file of a model directory.
 * @returns undefined when there is no such file
 * @throws AdaedlError as `hasModelFile`, `failed_precondition` when it is a Git LFS pointer
 */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
  if (!(await hasModelFile(dirname(path), path, maxTextFileBytes))) return undefined;
  const text = await readFile(path, "utf8");
  if (text.startsWith(lfsPointerStart)) throw lfsPointer(path);
  return text;
}

/**
 * Reads a JSON file of a model directory.
 * @returns undefined when there is no such file
 * @throws AdaedlError as `readTextIfPresent`, `invalid_argument` naming the file when it is not JSON
 */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  const text = await readTextIfPresent(path);
  if (text === undefined) return undefined;
  const json = parseJson(text);
  if (json !== undefined) return json;
  throw new AdaedlError("invalid_argument", `${path} is not valid JSON`, { field: path });
}

/** What a text of a stranger says; undefined where it is not JSON, or nested too deeply. */
export function parseJson(text: string): unknown {
  if (isDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 0x22) isInString = !isInString;
    else if (character === 0x5c)
      i++; // what it escapes
    else if (!isInString && (character === 0x5b || character === 0x7b)) {
      if (++depth > maxDepth) return true;
    } else if (!isInString && (character === 0x5d || character === 0x7d)) depth--;
  }
  return false;
}

/**
 * Checks a document that was read.
 * @throws AdaedlError `invalid_argument` naming file and field
 */
export function parseDocument<T>(file: string, json: unknown, schema: z.ZodMiniType<T>): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || "(the whole file)";
  const isMissing = issue?.code === "invalid_type" && issue.message.endsWith("received undefined");
  const problem = isMissing ? " is missing" : `: ${issue?.message}`;
  throw new AdaedlError("invalid_argument", `${file}: ${field}${problem}`, { field });
}
