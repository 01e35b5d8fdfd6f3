import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { uptime } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";

const manifestFile = "manifest.json";
/** What the file system said of the files when they were last found to be whole. */
const stampFile = "checked.txt";

const manifestSchema = z.object({
  entry: z.string(),
  files: z.record(z.string(), z.object({ size: z.int(), sha256: z.string() })),
});

/**
 * Writes down what a folder holds: sizes and digests of its files.
 * @param entry the name that the folder is going to have
 */
export async function writeManifest(folder: string, entry: string, signal?: AbortSignal) {
  const files: z.infer<typeof manifestSchema>["files"] = {};
  for (const name of (await readdir(folder)).sort()) {
    const { size } = await stat(join(folder, name));
    files[name] = { size, sha256: await digestOf(join(folder, name), signal) };
  }
  await writeFile(join(folder, manifestFile), JSON.stringify({ entry, files }), { mode: 0o644 });
  await writeFile(join(folder, stampFile), await stampOf(folder, Object.keys(files)));
}

/**
 * Compares a folder with its manifest: sizes, times and inodes each time, every byte once after the machine
 * has started and whenever the file system says that something changed.
 * @returns the first difference in words; undefined where there is none
 */
export async function manifestProblem(
  folder: string,
  entry: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const manifest = await readFile(join(folder, manifestFile), "utf8")
    .then((text) => manifestSchema.parse(JSON.parse(text)))
    .catch(() => undefined);
  if (manifest === undefined) return `it has no whole ${manifestFile}`;
  if (manifest.entry !== entry) return `it was built as ${manifest.entry}`;
  const names = Object.keys(manifest.files);
  const stamp = await stampOf(folder, names);
  const known = await readFile(join(folder, stampFile), "utf8").catch(() => "");
  if (known === stamp) return undefined;
  for (const [name, { size, sha256 }] of Object.entries(manifest.files)) {
    const found = (await stat(join(folder, name)).catch(() => undefined))?.size;
    if (found === undefined) return `${name} is missing`;
    if (found !== size) return `${name} has ${found} bytes, not ${size}`;
    if ((await digestOf(join(folder, name), signal)) !== sha256)
      return `${name} is not what was written (its digest differs)`;
  }
  // A cache that is read only is checked each time.
  await writeFile(join(folder, stampFile), stamp, { mode: 0o644 }).catch(() => {});
  return undefined;
}

async function stampOf(folder: string, names: readonly string[]): Promise<string> {
  const lines = [await bootId()];
  for (const name of [manifestFile, ...names]) {
    const found = await stat(join(folder, name), { bigint: true }).catch(() => undefined);
    if (found !== undefined)
      lines.push([name, found.size, found.ino, found.mtimeNs, found.ctimeNs].join(" "));
  }
  return lines.join("\n");
}

/** Another one each time the machine starts. */
async function bootId(): Promise<string> {
  const minute = Math.round((Date.now() / 1000 - uptime()) / 60);
  return readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => `${minute}\n`);
}

/** Reads a MiB at a time, so that other work has its turn in between. */
async function digestOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  const bytes = createReadStream(path, { highWaterMark: 1 << 20, signal });
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}
