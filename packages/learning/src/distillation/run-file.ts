import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";

/** What a run that is interrupted has to know of its first part. */
export interface RunRecord {
  /** Match probabilities before the first step, by temperature. */
  readonly match: readonly (readonly [number, number])[];
  /** How far it was, by the number of steps. */
  readonly saved: Readonly<Record<number, RunProgress>>;
}

export interface RunProgress {
  /** Positions learnt from. */
  readonly numJudged: number;
  /** Time taken by training alone. */
  readonly elapsedMs: number;
}

const runFile = "run.json";

/**
 * @param options all that the weights depend on
 * @returns undefined where the directory does not exist: no run has begun
 * @throws AdaedlError `failed_precondition` where a run with other options has, or where it holds something else
 */
export async function readRun(directory: string, options: unknown): Promise<RunRecord | undefined> {
  const refuse = (reason: string) =>
    new AdaedlError("failed_precondition", `${directory} ${reason}`, { field: directory });
  const whenAbsent = (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  };
  if ((await stat(directory).catch(whenAbsent)) === undefined) return undefined;
  const text = await readFile(join(directory, runFile), "utf8").catch(whenAbsent);
  const run = text === undefined ? undefined : parsed(text);
  if (run === undefined) throw refuse("is no training that can go on: remove it, or rename it");
  if (run.options === digestOf(options)) return run;
  throw refuse(
    "holds a training that was begun with other options or models: repeat it with those, or remove it",
  );
}

function parsed(text: string): (RunRecord & { readonly options: string }) | undefined {
  try {
    const run = JSON.parse(text);
    return Array.isArray(run?.match) && typeof run.saved === "object" ? run : undefined;
  } catch {
    return undefined; // cut off by a failure of the machine
  }
}

/** Sizes and times of a model's weights and configuration, which tell it from another in the same place. */
export async function modelVersion(directory: string): Promise<unknown> {
  const names = (await readdir(directory)).filter((name) => /\.(json|safetensors)$/.test(name));
  const files = names.sort().map(async (name) => {
    const { size, mtimeMs } = await stat(join(directory, name));
    return [name, size, mtimeMs];
  });
  return Promise.all(files);
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
