import { readFileSync } from "node:fs";

/** What the kernel counts for a process. */
export interface ProcessUsage {
  /** User and system time since it began, in milliseconds; counted in steps of 10. */
  cpuMs(): number;
}

/** Of the kernel's interface, whatever the machine's own clock: 100 a second. */
const tickMs = 10;

/**
 * @param pid a process of the same user
 * @throws Error on systems without /proc: all but Linux
 */
export function watchProcess(pid: number): ProcessUsage {
  if (process.platform !== "linux")
    throw new Error("processes are measured by /proc, which only Linux has");
  return { cpuMs: () => parseCpuTicks(readFileSync(`/proc/${pid}/stat`, "utf8")) * tickMs };
}

/**
 * User and system time in what proc(5) has as `stat`. The name in it may hold spaces and brackets:
 * fields count from behind it.
 */
export function parseCpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const at = (field: number) => Number(fields[field - 3]); // the manual counts from 1, pid and name
  return at(14) + at(15);
}
