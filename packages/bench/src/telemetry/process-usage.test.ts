import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { parseCpuTicks, parseResidentMb, watchProcess } from "./process-usage.ts";

describe("what proc(5) has", () => {
  test("fields count from behind the name, whatever is in it", () => {
    const rest = "S 7 1 1 0 -1 0 1 0 0 0 120 30 5 5 20 0 1 0 9001 1 1";
    expect(parseCpuTicks(`42 (node) ${rest}`)).toBe(150);
    expect(parseCpuTicks(`42 (a) b (c d) ${rest}`)).toBe(150);
  });

  test("resident memory is in kilobytes there; a process that ended has none", () => {
    expect(parseResidentMb("VmHWM:\t 9999 kB\nVmRSS:\t  2048 kB\n")).toBe(2);
    expect(() => parseResidentMb("State:\tZ (zombie)\n")).toThrow("the process is gone");
  });
});

describe.runIf(process.platform === "linux")("a process", () => {
  const children: ReturnType<typeof spawn>[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  test("works, and stands still while it is frozen", async () => {
    const work = "console.log(1); setInterval(() => { for (let i = 0; i < 1e6; i++); }, 1)";
    const child = spawn(process.execPath, ["-e", work]);
    children.push(child);
    await once(child.stdout, "data");
    const usage = watchProcess(child.pid ?? 0);
    expect(usage.residentMb()).toBeGreaterThan(10);
    const before = usage.cpuMs();
    await expect.poll(() => usage.cpuMs(), { timeout: 20_000 }).toBeGreaterThan(before);
    usage.freeze();
    await expect
      .poll(async () => {
        const then = usage.cpuMs();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return usage.cpuMs() - then;
      })
      .toBe(0);
    usage.thaw();
  });
});
