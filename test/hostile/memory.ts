import { readFileSync } from "node:fs";

/** Bytes of the documented containers of a gateway and of an ingress, the smallest there are. */
export const memoryLimit = 512 << 20;

/** The most memory that a process ever had, in bytes. */
export function peakMemory(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1]) * 1024;
}
