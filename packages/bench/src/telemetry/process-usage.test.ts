import { expect, test } from "vitest";
import { parseCpuTicks, watchProcess } from "./process-usage.ts";

test("fields count from behind the name, whatever is in it", () => {
  const rest = "S 7 1 1 0 -1 0 1 0 0 0 120 30 5 5 20 0 1 0 9001 1 1";
  expect(parseCpuTicks(`42 (node) ${rest}`)).toBe(150);
  expect(parseCpuTicks(`42 (a) b (c d) ${rest}`)).toBe(150);
});

test.runIf(process.platform === "linux")("a process that works uses time", () => {
  const usage = watchProcess(process.pid);
  const before = usage.cpuMs();
  expect(before).toBeGreaterThan(0);
  while (usage.cpuMs() === before); // ends with the next tick
});
