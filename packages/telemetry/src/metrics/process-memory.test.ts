import { expect, test } from "vitest";
import { parseProcessMemory, readProcessMemory } from "./process-memory.ts";

test.runIf(process.platform === "linux")("private and mapped memory are what is resident", () => {
  const { private_memory_bytes = 0, mapped_memory_bytes = 0 } = readProcessMemory();
  // Node.js is a mapped file of 90 MB, of which some is in memory.
  expect(private_memory_bytes).toBeGreaterThan(10e6);
  expect(mapped_memory_bytes).toBeGreaterThan(10e6);
  expect(private_memory_bytes + mapped_memory_bytes).toBeLessThan(2 * process.memoryUsage.rss());
});

test("a field that the system does not name is left out", () => {
  expect(parseProcessMemory("VmRSS:\t  900 kB\nRssAnon:\t  500 kB\n")).toEqual({
    private_memory_bytes: 512_000,
  });
  expect(parseProcessMemory("VmRSS:\t  900 kB\n")).toEqual({});
});

test.runIf(process.platform !== "linux")("other systems do not tell", () => {
  expect(readProcessMemory()).toEqual({});
});
