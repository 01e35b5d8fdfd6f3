import { getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { createPatience, withDeadline } from "./deadline.ts";
import { createInbox } from "./inbox.ts";

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

describe("patience", () => {
  /** A wait as the patient have it: for a message that ends with the signal. */
  function createWait(outer?: AbortSignal) {
    const stream = new Readable({ objectMode: true, read: () => {} });
    const patience = createPatience(outer);
    const inbox = createInbox<string>(stream, AdaedlError.from);
    const next = (ms: number) => patience.wait(ms, what, () => inbox.next(patience.signal));
    return { stream, patience, next };
  }

  test("lasts as long as each wait is short, however long all of them take", async () => {
    const { stream, patience, next } = createWait();
    for (let i = 0; i < 5; i++) {
      setTimeout(() => stream.push(`message ${i}`), 30);
      expect(await next(1_000)).toBe(`message ${i}`);
    }
    await sleep(50);
    expect(patience.signal.aborted).toBe(false);
  });

  test("ends with the first wait that takes too long, and every one after it", async () => {
    const { next } = createWait();
    const error = { code: "deadline_exceeded", message: "the verifier said nothing for 20 ms" };
    await expect(next(20)).rejects.toMatchObject(error);
    await expect(next(10_000)).rejects.toMatchObject(error);
  });

  test("ends with the outer signal, before or during a wait", async () => {
    const error = { code: "unavailable", message: "gone" };
    const controller = new AbortController();
    const { next } = createWait(controller.signal);
    const waiting = next(10_000);
    controller.abort(new AdaedlError("unavailable", "gone"));
    await expect(waiting).rejects.toMatchObject(error);
    await expect(createWait(controller.signal).next(10_000)).rejects.toMatchObject(error);
  });

  test("that is ended leaves nothing behind, and keeps its first reason", async () => {
    const outer = new AbortController();
    const { patience, next } = createWait(outer.signal);
    const waiting = next(10_000);
    patience.end(new AdaedlError("cancelled", "the session is over"));
    patience.end(new AdaedlError("internal", "again"));
    await expect(waiting).rejects.toMatchObject({ message: "the session is over" });
    expect(getEventListeners(outer.signal, "abort")).toHaveLength(0);
  });
});
