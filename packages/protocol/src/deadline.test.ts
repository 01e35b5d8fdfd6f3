import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { expect, test } from "vitest";
import { withDeadline } from "./deadline.ts";

const what = "the verifier said nothing";

test("a part that is done in time gives its result, and its signal stays as it was", async () => {
  let signal: AbortSignal | undefined;
  const result = await withDeadline(30, what, undefined, async (given) => {
    signal = given;
    return 7;
  });
  expect(result).toBe(7);
  await sleep(60);
  expect(signal?.aborted).toBe(false);
});

test("a part that takes longer is aborted, and fails with what and how long", async () => {
  let reason: unknown;
  const part = withDeadline(20, what, undefined, async (signal) => {
    await sleep(10_000, undefined, { signal }).catch((error) => {
      reason = signal.reason;
      throw error; // node's own AbortError
    });
  });
  await expect(part).rejects.toMatchObject({
    code: "deadline_exceeded",
    message: "the verifier said nothing for 20 ms",
  });
  expect(reason).toBeInstanceOf(AdaedlError);
});

test("what a part throws by itself is thrown", async () => {
  const broken = new TypeError("broken");
  const part = withDeadline(1_000, what, undefined, async () => {
    throw broken;
  });
  await expect(part).rejects.toBe(broken);
});

test("the caller's signal ends the part with the caller's reason", async () => {
  const controller = new AbortController();
  const part = withDeadline(10_000, what, controller.signal, (signal) =>
    sleep(10_000, undefined, { signal }),
  );
  controller.abort(new AdaedlError("unavailable", "the server is shutting down"));
  await expect(part).rejects.toMatchObject({
    code: "unavailable",
    message: "the server is shutting down",
  });
});

test("a signal that is aborted already is seen by the part", async () => {
  const part = withDeadline(10_000, what, AbortSignal.abort(), async (signal) => {
    signal.throwIfAborted();
  });
  await expect(part).rejects.toMatchObject({ code: "cancelled" });
});

test("nothing stays behind: neither a timer nor a listener on the caller's signal", async () => {
  const { signal } = new AbortController();
  const numTimers = () => process.getActiveResourcesInfo().filter((r) => r === "Timeout").length;
  const before = numTimers();
  for (let i = 0; i < 50; i++) await withDeadline(60_000, what, signal, async () => i);
  expect(numTimers()).toBe(before);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
