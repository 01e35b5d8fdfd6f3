import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError, invalidField } from "@adaedl/core";

/**
 * What a draft learnt while serving, on disk: `version-N` with the draft (a model directory) and its training, and
 * `learning.json`, which names the version and the digests of its files. Until that is replaced the version before counts.
 */
export interface OnlineDirectory {
  readonly directory: string;
  /** A model directory. It stays as it is. */
  readonly base: string;
  /** 0: nothing was learnt yet. */
  readonly version: number;
  /** What drafts: the base, or the version. */
  readonly draft: string;
  /** Where training goes on from; undefined where it begins. */
  readonly training: string | undefined;
  /** Why what was there is begun anew. */
  readonly problem?: string | undefined;
}

interface StateFile {
  readonly base: string;
  readonly version: number;
  /** Of the version's files. */
  readonly digest: string;
}

const stateFile = "learning.json";

/**
 * @param base the draft model that learns
 * @throws AdaedlError `invalid_argument` where no directory can be made, `failed_precondition` where it holds
 *   something else, or what another draft learnt
 */
export async function openOnlineDirectory(
  directory: string,
  base: string,
): Promise<OnlineDirectory> {
  await mkdir(directory, { recursive: true }).catch(({ message }) => {
    throw invalidField("learn", directory, `must be a directory or a place for one (${message})`);
  });
  const names = await readdir(directory);
  const foreign = names.find((name) => !/^(learning\.json(\.unfinished)?|version-.*)$/.test(name));
  if (foreign !== undefined)
    throw refusal(directory, `must hold what a draft learnt and nothing else, got ${foreign}`);
  const fresh = { directory, base, version: 0, draft: base, training: undefined };
  if (names.length === 0) return fresh;
  const state = await readState(directory);
  if (state === undefined) return { ...fresh, problem: `${stateFile} is missing or damaged` };
  if (state.base !== (await digestOfModel(base)))
    throw refusal(directory, `must hold what the draft ${base} learnt, got what another one did`);
  const { version } = state;
  if (version === 0) return fresh;
  const paths = pathsOf(directory, version);
  const digest = await digestOfVersion(directory, version).catch(() => undefined);
  if (digest !== state.digest) return { ...fresh, problem: `version ${version} is damaged` };
  return { ...fresh, version, ...paths };
}

/** Where a version is to be written. What an interrupted attempt left there is removed. */
export async function beginVersion(
  directory: string,
  version: number,
): Promise<{ readonly draft: string; readonly training: string }> {
  const folder = join(directory, `version-${version}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return pathsOf(directory, version);
}

/** From now on this version counts. @param version 0: the base */
export async function commitVersion(
  { directory, base }: OnlineDirectory,
  version: number,
): Promise<void> {
  const digest = version === 0 ? "" : await digestOfVersion(directory, version);
  const state: StateFile = { base: await digestOfModel(base), version, digest };
  const unfinished = join(directory, `${stateFile}.unfinished`);
  await writeFile(unfinished, JSON.stringify(state));
  await rename(unfinished, join(directory, stateFile));
}

/** Removes all versions but one. */
export async function removeOthers(directory: string, version: number): Promise<void> {
  for (const name of await readdir(directory))
    if (name.startsWith("version-") && name !== `version-${version}`)
      await rm(join(directory, name), { recursive: true, force: true });
}

function pathsOf(directory: string, version: number) {
  const folder = join(directory, `version-${version}`);
  return { draft: join(folder, "draft"), training: join(folder, "training") };
}

async function readState(directory: string): Promise<StateFile | undefined> {
  try {
    const state = JSON.parse(await readFile(join(directory, stateFile), "utf8"));
    const isWhole = typeof state.base === "string" && typeof state.digest === "string";
    return isWhole && Number.isInteger(state.version) && state.version >= 0 ? state : undefined;
  } catch {
    return undefined;
  }
}

function digestOfVersion(directory: string, version: number): Promise<string> {
  const { draft, training } = pathsOf(directory, version);
  return digestOfFolders([draft, training]);
}

function digestOfModel(directory: string): Promise<string> {
  return digestOfFolders([directory]);
}

/** SHA-256 of their configurations and weights. */
async function digestOfFolders(folders: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const names = (await readdir(folder)).filter((name) => /\.(json|safetensors)$/.test(name));
    for (const name of names.sort()) {
      hash.update(`\0${name}\0`);
      for await (const piece of createReadStream(join(folder, name))) hash.update(piece);
    }
  }
  return hash.digest("hex");
}

function refusal(directory: string, rule: string): AdaedlError {
  return new AdaedlError("failed_precondition", `${directory} ${rule}`, { field: directory });
}
