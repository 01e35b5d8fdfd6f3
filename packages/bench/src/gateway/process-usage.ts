import { readdirSync, readFileSync } from "node:fs";

/** What the kernel counts for a process. Linux only: other systems have no /proc. */
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

/** @param pid a process of the same user */
export function watchProcess(pid: number): ProcessUsage {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  return {
    cpuMs: () => parseStat(read("stat")).cpuTicks * tickMs,
    residentMb: () => parseResidentMb(read("status")),
    freeze: () => process.kill(pid, "SIGSTOP"),
    thaw: () => process.kill(pid, "SIGCONT"),
  };
}

/**
 * The youngest child of this process that was started with these words, one after the other.
 * @returns its pid
 * @throws Error when there is none, or no /proc
 */
export function findChild(...words: readonly string[]): number {
  if (process.platform !== "linux")
    throw new Error("processes are measured by /proc, which only Linux has");
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const wanted = `\0${words.join("\0")}\0`;
  const found = pids.map(Number).filter((pid) => isChild(pid, wanted));
  const youngest = found.toSorted((one, other) => startOf(one) - startOf(other)).at(-1);
  if (youngest === undefined) throw new Error(`no child of this process runs ${words.join(" ")}`);
  return youngest;
}

function isChild(pid: number, wanted: string): boolean {
  try {
    const { parent } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(wanted);
  } catch {
    return false; // ended in the meantime
  }
}

function startOf(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")).startTicks;
}

/** What proc(5) has in `stat`. The name in it may hold spaces and brackets: fields count from behind it. */
export function parseStat(stat: string): {
  readonly parent: number;
  readonly cpuTicks: number;
  readonly startTicks: number;
} {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const at = (field: number) => Number(fields[field - 3]); // the manual counts from 1, pid and name
  return { parent: at(4), cpuTicks: at(14) + at(15), startTicks: at(22) };
}

/** @throws Error for a process that has no memory any more */
export function parseResidentMb(status: string): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error("the process is gone");
  return Number(kilobytes) / 1024;
}
