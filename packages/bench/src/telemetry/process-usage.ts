import { readFileSync } from "node:fs";

/** What the kernel counts for a process. */
export interface ProcessUsage {
  /** User and system time since it began, in milliseconds; counted in steps of 10. */
  cpuMs(): number;
  /** Resident memory now, in megabytes (2^20 bytes). */
  residentMb(): number;
  /** Stops the process where it is (SIGSTOP), or lets it go on. */
  freeze(): void;
  thaw(): void;
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
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  return {
    cpuMs: () => parseCpuTicks(read("stat")) * tickMs,
    residentMb: () => parseResidentMb(read("status")),
    freeze: () => process.kill(pid, "SIGSTOP"),
    thaw: () => process.kill(pid, "SIGCONT"),
  };
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

/** @throws Error for a process that has no memory any more */
export function parseResidentMb(status: string): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error("the process is gone");
  return Number(kilobytes) / 1024;
}
