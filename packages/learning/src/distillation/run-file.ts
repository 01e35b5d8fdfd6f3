import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";

/** What a run that is interrupted has to know of its first part. */
export interface RunRecord {
  /** Match probabilities before the first step, by temperature. */
  readonly match: readonly (readonly [number, number])[];
  /** Positions learnt from, by the number of steps. */
  readonly judged: Readonly<Record<number, number>>;
}

const runFile = "run.json";

/**
 * @param options all that the weights depend on
 * @returns undefined where no run has begun
 * @throws AdaedlError `failed_precondition` where a run with other options has
 */
export async function readRun(directory: string, options: unknown): Promise<RunRecord | undefined> {
  const text = await readFile(join(directory, runFile), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (text === undefined) return undefined;
  const run = JSON.parse(text) as RunRecord & { readonly options: string };
  if (run.options === digestOf(options)) return run;
  throw new AdaedlError(
    "failed_precondition",
    `${directory} holds a training that was begun with other options: repeat it with those, or remove it`,
    { field: directory },
  );
}

export async function writeRun(directory: string, options: unknown, run: RunRecord): Promise<void> {
  await mkdir(directory, { recursive: true });
  const unfinished = join(directory, `${runFile}.unfinished`);
  await writeFile(unfinished, JSON.stringify({ options: digestOf(options), ...run }));
  await rename(unfinished, join(directory, runFile));
}

function digestOf(options: unknown): string {
  return createHash("sha256").update(JSON.stringify(options)).digest("hex");
}
