import { setMaxListeners } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { exampleModelDirectory } from "@adaedl/example-models";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { ModelThreadOptions } from "./messages.ts";
import { openModelThread } from "./model-thread.ts";
import {
  differingRows,
  failureOf,
  freshLogits,
  logitsOf,
  newPath,
  open,
  randomTokens,
  rowsOf,
  sampled,
  stepOf,
  writeTiny,
} from "./open-thread.cases.ts";

// The worker behind a model thread, as the process sees it: tests look whether it lives, and kill it.
const workers: Worker[] = [];
const exitCodes = new Map<Worker, number>();
const remember = (worker: Worker) => {
  workers.push(worker);
  worker.once("exit", (exitCode) => exitCodes.set(worker, exitCode));
};
process.on("worker", remember);
afterAll(() => process.off("worker", remember));
const newestWorker = () => workers.at(-1) as Worker;
/** A worker that ends by itself has the exit code 0, one that is terminated 1. */
const endedByItself = 0;

const directory = writeTiny({ architecture: "llama", contextLength: 400 });
const slow = exampleModelDirectory("coder-target");
const longText = randomTokens(1, 500, 4096);
const closed = { code: "unavailable", message: "the model was closed" };

test("an opened model says what it is", async () => {
  const thread = await open({ directory });
  expect(thread.info).toEqual({
    format: "safetensors",
    weights: "f32",
    vocabSize: 300,
    contextLength: 400,
    rowBytes: 256,
    rowBlock: 128,
    provider: "cpu",
  });
  await thread.close();
});

describe("a model that cannot be opened", () => {
  test.each([
    ["no directory", newPath("nowhere"), "not_found", "model directory PATH does not exist"],
    [
      "a file",
      join(directory, "config.json"),
      "not_found",
      "model directory PATH is not a directory",
    ],
    [
      "no weights",
      join(directory, ".."),
      "not_found",
      "PATH has no weights: expected model.safetensors, model.safetensors.index.json or onnx/model.onnx",
    ],
  ])("%s: the error is the model's, and no thread is left", async (_, path, code, message) => {
    expect(await failureOf(open({ directory: path }))).toEqual({
      code,
      message: message.replace("PATH", path),
    });
    expect(exitCodes.get(newestWorker())).toBe(endedByItself);
  });
});

describe("closing", () => {
  test("ends the thread, as often as it is done", async () => {
    const thread = await open({ directory });
    const worker = newestWorker();
    expect(exitCodes.has(worker)).toBe(false);
    await Promise.all([thread.close(), thread.close()]);
    expect(exitCodes.get(worker)).toBe(endedByItself);
    await thread.close();
  });

  test("happens at the end of an `await using` block", async () => {
    const thread = await open({ directory });
    await thread[Symbol.asyncDispose]();
    expect(exitCodes.get(newestWorker())).toBe(endedByItself);
  });

  test("lets the running forward end, even when it is done twice", async () => {
    const thread = await open({ directory: slow });
    const slotId = await thread.openSlot(sampled);
    const running = thread.forward([stepOf(slotId, [], longText)]);
    await Promise.all([thread.close(), thread.close()]);
    expect(rowsOf((await running)[0])).toHaveLength(500);
  });

  test("makes every later request unavailable, but closing a slot is no request then", async () => {
    const thread = await open({ directory });
    const slotId = await thread.openSlot(sampled);
    const closing = thread.close();
    expect(await failureOf(thread.openSlot(sampled))).toEqual(closed);
    await closing;
    expect(await failureOf(thread.openSlot(sampled))).toEqual(closed);
    expect(await failureOf(thread.forward([stepOf(slotId, [], [1])]))).toEqual(closed);
    await expect(thread.closeSlot(slotId)).resolves.toBeUndefined();
  });
});

describe("aborting", () => {
  test("before opening starts no thread", async () => {
    const numWorkers = workers.length;
    expect(await failureOf(open({ directory }, AbortSignal.abort()))).toEqual({
      code: "cancelled",
      message: "the request was cancelled",
    });
    expect(workers).toHaveLength(numWorkers);
  });

  test("while opening leaves no thread", async () => {
    const controller = new AbortController();
    const opening = failureOf(open({ directory }, controller.signal));
    setTimeout(() => controller.abort(), 20);
    expect(await opening).toEqual({ code: "cancelled", message: "the request was cancelled" });
    expect(exitCodes.get(newestWorker())).toBe(endedByItself);
  });

  test("while onnxruntime works lets it end", async () => {
    for (const delayMs of [100, 150, 200, 250, 300]) {
      const controller = new AbortController();
      const opening = open({ directory: slow }, controller.signal).then(({ close }) => close());
      const ended = opening.catch(() => {});
      setTimeout(() => controller.abort(), delayMs);
      await ended;
      expect(exitCodes.get(newestWorker())).toBe(endedByItself);
    }
  });

  test("while a graph is being built leaves nothing of it", async () => {
    const cacheDirectory = newPath("cache");
    const controller = new AbortController();
    const opening = failureOf(open({ directory: slow, cacheDirectory }, controller.signal));
    const graphs = join(cacheDirectory, "graphs");
    while (!existsSync(graphs) || readdirSync(graphs).length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await opening).code).toBe("cancelled");
    expect(readdirSync(graphs)).toEqual([]);
  });

  test("for a reason of the caller's own is a cancellation too", async () => {
    const reason = new Error("the user left");
    expect(await failureOf(open({ directory }, AbortSignal.abort(reason)))).toEqual({
      code: "cancelled",
      message: "the request was cancelled: the user left",
    });
  });

  test("by a deadline is told apart", async () => {
    expect(await failureOf(open({ directory }, AbortSignal.timeout(20)))).toEqual({
      code: "deadline_exceeded",
      message: "the deadline passed",
    });
    expect(exitCodes.get(newestWorker())).toBe(endedByItself);
  });

  test("before a thread starts leaves no rejection of its options unhandled", async () => {
    let reject: (error: Error) => void = () => {};
    const options = new Promise<ModelThreadOptions>((_, fail) => {
      reject = fail;
    });
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    onTestFinished(() => void process.off("unhandledRejection", unhandled));
    expect((await failureOf(openModelThread(options, AbortSignal.abort()))).code).toBe("cancelled");
    reject(new Error("no options"));
    await nextTurn();
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("after opening does not close the model", async () => {
    const controller = new AbortController();
    const thread = await open({ directory }, controller.signal);
    controller.abort();
    expect(await thread.openSlot(sampled)).toBe(1);
    await thread.close();
  });

  test("before a forward runs nothing", async () => {
    const thread = await open({ directory });
    const slotId = await thread.openSlot(sampled);
    const aborted = AbortSignal.abort();
    expect((await failureOf(thread.forward([stepOf(slotId, [], [1])], aborted))).code).toBe(
      "cancelled",
    );
    expect((await failureOf(thread.openSlot(sampled, aborted))).code).toBe("cancelled");
    const [result] = await thread.forward([stepOf(slotId, [1], [2])]);
    expect(result).toMatchObject({
      error: { message: `slot ${slotId} holds 0 tokens, cannot keep 1` },
    });
    await thread.close();
  });

  test("during a forward answers at once, and the slot works afterwards", async () => {
    const thread = await open({ directory: slow });
    const slotId = await thread.openSlot(sampled);
    const events: string[] = [];
    const controller = new AbortController();
    const running = failureOf(
      thread.forward([stepOf(slotId, [], longText)], controller.signal),
    ).then((failure) => {
      events.push("aborted");
      return failure;
    });
    // Waits behind the forward: its answer tells when the worker is free again.
    const waiting = thread.openSlot(sampled).then(() => events.push("worker is free"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const abortedAt = performance.now();
    controller.abort();
    expect(await running).toEqual({ code: "cancelled", message: "the request was cancelled" });
    expect(performance.now() - abortedAt).toBeLessThan(50);
    await waiting;
    expect(events).toEqual(["aborted", "worker is free"]);

    const tokenIds = longText.slice(0, 30);
    const [fresh] = await thread.forward([stepOf(slotId, [], tokenIds)]);
    expect(differingRows(logitsOf(fresh), await freshLogits(thread, tokenIds))).toEqual([]);
    await thread.close();
  });

  test("a forward that still waits does not run", async () => {
    const thread = await open({ directory: slow });
    const slotId = await thread.openSlot(sampled);
    const other = await thread.openSlot(sampled);
    const running = thread.forward([stepOf(slotId, [], longText)]);
    const controller = new AbortController();
    const waiting = failureOf(thread.forward([stepOf(other, [], [1])], controller.signal));
    controller.abort();
    expect((await waiting).code).toBe("cancelled");
    await running;
    const [result] = await thread.forward([stepOf(other, [1], [2])]);
    expect(result).toMatchObject({
      error: { message: `slot ${other} holds 0 tokens, cannot keep 1` },
    });
    await thread.close();
  });

  test("aborted requests that the worker has not passed yet count as waiting", async () => {
    const thread = await open({ directory: slow });
    const slotId = await thread.openSlot(sampled);
    const running = thread.forward([stepOf(slotId, [], longText)]);
    const controller = new AbortController();
    setMaxListeners(1023, controller.signal);
    const aborted = Array.from({ length: 1023 }, () =>
      failureOf(thread.openSlot(sampled, controller.signal)),
    );
    controller.abort();
    await Promise.all(aborted);
    expect((await failureOf(thread.openSlot(sampled))).code).toBe("resource_exhausted");
    await running;
    expect(await thread.openSlot(sampled)).toBe(2); // none of the aborted ones was opened
    await thread.close();
  });

  test("leaves no listener on the signal, however a request ends", async () => {
    const thread = await open({ directory });
    const { signal } = new AbortController();
    let numListeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      numListeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      numListeners--;
      removeEventListener.apply(signal, args);
    };
    const slotId = await thread.openSlot(sampled, signal);
    await thread.forward([stepOf(slotId, [], [1])], signal);
    await failureOf(thread.openSlot({ ...sampled, verification: "no" as "rejection" }, signal));
    expect(numListeners).toBe(0);
    const ending = newestWorker().terminate();
    const waiting = Promise.allSettled([thread.forward([stepOf(slotId, [], [1])], signal)]);
    await ending;
    await waiting;
    expect(numListeners).toBe(0);
  });
});

// Terminated before it is asked: in a call of onnxruntime that would be the end of this process.
describe("a thread that dies", () => {
  test("fails whatever waits for it and whatever comes after", async () => {
    const thread = await open({ directory: slow });
    const slotId = await thread.openSlot(sampled);
    const ending = newestWorker().terminate();
    const waiting = [
      failureOf(thread.forward([stepOf(slotId, [], longText)])),
      failureOf(thread.forward([stepOf(slotId, [], [1])])),
      failureOf(thread.openSlot(sampled)),
      failureOf(thread.closeSlot(slotId)),
    ];
    await ending;
    const ended = { code: "unavailable", message: "the model thread has ended" };
    expect(await Promise.all(waiting)).toEqual([ended, ended, ended, ended]);
    expect(await failureOf(thread.forward([stepOf(slotId, [], [1])]))).toEqual(ended);
    await expect(thread.closeSlot(slotId)).resolves.toBeUndefined();
    await thread.close();
  });

  test("of an error says which", async () => {
    const thread = await open({ directory });
    const waiting = failureOf(thread.openSlot(sampled));
    newestWorker().emit("error", new Error("out of memory"));
    expect(await waiting).toEqual({
      code: "unavailable",
      message: "the model thread failed: out of memory",
    });
    expect((await failureOf(thread.openSlot(sampled))).code).toBe("unavailable");
    await thread.close();
    expect(exitCodes.get(newestWorker())).toBe(endedByItself);
  });

  test("harms no other", async () => {
    const [one, other] = [await open({ directory }), await open({ directory })];
    const dying = workers.at(-2) as Worker;
    await dying.terminate();
    expect((await failureOf(one.openSlot(sampled))).code).toBe("unavailable");
    expect(await other.openSlot(sampled)).toBe(1);
    await other.close();
  });
});

test.each([0, 1.5, 257, Number.NaN])("%f threads are refused", async (numThreads) => {
  expect(await failureOf(open({ directory, numThreads }))).toEqual({
    code: "invalid_argument",
    message: `numThreads must be a whole number from 1 to 256, got ${numThreads}`,
  });
});

test("no more slots are opened than anybody could serve", async () => {
  const thread = await open({ directory });
  for (let opened = 0; opened < 4096; opened += 1024)
    await Promise.all(Array.from({ length: 1024 }, () => thread.openSlot(sampled)));
  expect(await failureOf(thread.openSlot(sampled))).toEqual({
    code: "resource_exhausted",
    message: "4096 slots are open",
  });
  await thread.closeSlot(1);
  expect(await thread.openSlot(sampled)).toBe(4097);
  await thread.close();
});

test("closing a slot is never turned away", async () => {
  const thread = await open({ directory: slow });
  const slotId = await thread.openSlot(sampled);
  const busy = thread.forward([stepOf(slotId, [], longText)]);
  const others = Array.from({ length: 1023 }, () => thread.openSlot(sampled));
  expect((await failureOf(thread.openSlot(sampled))).code).toBe("resource_exhausted");
  await thread.closeSlot(slotId);
  await Promise.all([busy, ...others]);
  await thread.close();
});

test("more requests than may wait are turned away, the others are answered", async () => {
  const thread = await open({ directory });
  const requests = Array.from({ length: 1030 }, () => thread.openSlot(sampled));
  const results = await Promise.allSettled(requests);
  const answered = results.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : [],
  );
  expect(answered).toEqual(Array.from({ length: 1024 }, (_, index) => index + 1));
  expect(await failureOf(requests[1024] as Promise<number>)).toEqual({
    code: "resource_exhausted",
    message: "1024 requests wait for the model",
  });
  expect(await thread.openSlot(sampled)).toBe(1025);
  await thread.close();
});
