import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AdaedlError, type ErrorCode } from "@adaedl/core";
import { inject } from "vitest";

const root = mkdtempSync(join(inject("temporaryFolder"), "model-"));
let numPaths = 0;

/** A path that nothing has used yet; gone with the run. */
export function newPath(name = "model"): string {
  return join(root, String(numPaths++), name);
}

/** Writes files into a new directory: bytes and text as they are, anything else as JSON. */
export function writeFiles(files: Readonly<Record<string, unknown>>, name = "model"): string {
  const directory = newPath(name);
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(file, isRaw ? content : JSON.stringify(content));
  }
  return directory;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | undefined;
}

/** What a piece of work failed with; a test that expects a failure fails when there is none. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    if (!(error instanceof AdaedlError)) throw error;
    return { code: error.code, message: error.message, field: error.field };
  }
  throw new Error(`nothing failed, the result is ${JSON.stringify(result)}`);
}
