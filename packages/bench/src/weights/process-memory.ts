import { readFile } from "node:fs/promises";

/** Memory of this process, in bytes. */
export interface ProcessMemory {
  /** Its own alone, and given back only when it ends or frees it. */
  readonly ownBytes: number;
  /** Pages of files, which other processes that map them have at the same place, and the system may drop. */
  readonly mappedBytes: number;
}

/** Undefined where the system does not tell (it is Linux that does). */
export async function processMemory(): Promise<ProcessMemory | undefined> {
  const text = await readFile("/proc/self/smaps_rollup", "utf8").catch(() => "");
  const bytes = (name: string) => {
    const [, kilobytes] = new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text) ?? [];
    return 1024 * Number(kilobytes);
  };
  const ownBytes = bytes("Anonymous");
  return Number.isNaN(ownBytes) ? undefined : { ownBytes, mappedBytes: bytes("Rss") - ownBytes };
}

/** Looks from time to time while something works. @returns the most that was the process's own */
export async function watchMemory<T>(work: () => Promise<T>): Promise<[T, number | undefined]> {
  let most: number | undefined;
  const look = async () => {
    const now = await processMemory();
    if (now !== undefined) most = Math.max(most ?? 0, now.ownBytes);
  };
  const timer = setInterval(look, 200);
  try {
    const result = await work();
    await look();
    return [result, most];
  } finally {
    clearInterval(timer);
  }
}
