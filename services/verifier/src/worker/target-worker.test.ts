import { AdaedlError } from "@adaedl/core";
import { noTracer } from "@adaedl/telemetry";
import { expect, test } from "vitest";
import type { SessionStart } from "../sessions/session-start.ts";
import type { OpenedTarget } from "./open-target.ts";
import { targetWorker } from "./target-worker.ts";

test("numerics are compared for sessions that the engine accepts, not for those it refuses", () => {
  let isFull = true;
  const session = {};
  const open = () => {
    if (isFull) throw new AdaedlError("resource_exhausted", "8 sessions are open");
    return session;
  };
  const compared: unknown[] = [];
  const engine = { open } as unknown as OpenedTarget["engine"];
  const compareNumerics = (opened: unknown) => void compared.push(opened);
  const worker = targetWorker({ engine, compareNumerics }, noTracer);
  const start = { open: { numerics: "aa" } } as unknown as SessionStart;
  const { signal } = new AbortController();
  expect(() => worker.open(start, signal)).toThrow("8 sessions are open");
  expect(compared).toEqual([]);
  isFull = false;
  expect(worker.open(start, signal)).toBe(session);
  expect(compared).toEqual([start.open]);
});
