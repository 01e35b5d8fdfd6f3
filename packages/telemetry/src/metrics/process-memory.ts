import { readFileSync } from "node:fs";
import { type Catalogue, gauge } from "./catalogue.ts";

/** What the process has in memory. Linux tells it; elsewhere they are left out. */
export const memoryCatalogue = {
  private_memory_bytes: gauge(
    "bytes",
    "Memory that the process has for itself: KV caches, and weights that graphs have packed for themselves.",
  ),
  mapped_memory_bytes: gauge(
    "bytes",
    "Files that are mapped and in memory, weights above all: counted by each process, there once on a machine.",
  ),
} as const satisfies Catalogue;

/** Reads the gauges of `memoryCatalogue`. */
export function readProcessMemory(): { [Name in keyof typeof memoryCatalogue]?: number } {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const bytesOf = (field: string) =>
      1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
    return { private_memory_bytes: bytesOf("RssAnon"), mapped_memory_bytes: bytesOf("RssFile") };
  } catch {
    return {};
  }
}
