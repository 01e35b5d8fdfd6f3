import { readFileSync } from "node:fs";
import { type Catalogue, gauge } from "./catalogue.ts";

/** Memory of the process, reported on Linux only. */
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

type ProcessMemory = { readonly [Name in keyof typeof memoryCatalogue]?: number };

/** Reads the gauges of `memoryCatalogue`. */
export function readProcessMemory(): ProcessMemory {
  try {
    return parseProcessMemory(readFileSync("/proc/self/status", "utf8"));
  } catch {
    return {};
  }
}

/** @param status as in `/proc/self/status`; a field that is missing, as before Linux 4.5, is left out */
export function parseProcessMemory(status: string): ProcessMemory {
  const bytesOf = (name: keyof ProcessMemory, field: string): ProcessMemory => {
    const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
    return kilobytes === undefined ? {} : { [name]: 1024 * Number(kilobytes) };
  };
  return {
    ...bytesOf("private_memory_bytes", "RssAnon"),
    ...bytesOf("mapped_memory_bytes", "RssFile"),
  };
}
