import { expect, test } from "vitest";
import { summarizeTelemetry } from "./summarize-telemetry.ts";
import type { TelemetrySample } from "./telemetry-stack.ts";

const sample = (verifier: number, draft: number, gateway: number): TelemetrySample => ({
  cpuMs: { verifier, draft, gateway },
  numTokens: 100,
});

test("each stack is compared with the first one of the same launch", () => {
  const off = [sample(100, 60, 40), sample(200, 120, 80), sample(100, 60, 40)];
  const on = [sample(102, 62, 40), sample(204, 124, 80), sample(110, 60, 40)];
  const [first, second] = summarizeTelemetry([
    ["off", off],
    ["on", on],
  ]);
  expect(first).toMatchObject({
    name: "off",
    cpuMsPerToken: 2,
    byProcess: { verifier: 1, draft: 0.6, gateway: 0.4 },
    addedUsPerToken: { median: 0, low: 0, high: 0 },
    ratio: { median: 1, low: 1, high: 1 },
  });
  // 4 ms more for 100 tokens, 8 ms when the machine is half as fast, and 10 ms.
  expect(second?.addedUsPerToken.median).toBeCloseTo(80);
  expect(second?.addedByProcess.verifier).toBeCloseTo(40);
  expect(second?.addedByProcess.draft).toBeCloseTo(20);
  expect(second?.addedByProcess.gateway).toBeCloseTo(0);
  expect(second?.ratio.median).toBeCloseTo(1.02);
  expect(second?.ratio.low).toBeCloseTo(1.02);
  expect(second?.ratio.high).toBeCloseTo(1.035);
});

test("a launch without its counterpart is left out", () => {
  const [, result] = summarizeTelemetry([
    ["off", [sample(100, 60, 40)]],
    ["on", [sample(150, 90, 60), sample(900, 900, 900)]],
  ]);
  expect(result?.ratio).toEqual({ median: 1.5, low: 1.5, high: 1.5 });
});
