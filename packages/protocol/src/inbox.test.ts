import { getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { expect, test } from "vitest";
import { createInbox } from "./inbox.ts";

/** A stream as calls are: of objects, and pushed from outside. */
function createSource() {
  return new Readable({ objectMode: true, read: () => {} });
}

const toError = (error: Error) => new AdaedlError("unavailable", error.message);

test("messages come out one by one as they went in, then the end, again and again", async () => {
  const stream = createSource();
  const inbox = createInbox<number>(stream, toError);
  stream.push(1);
  stream.push(2);
  stream.push(null);
  expect(await inbox.next()).toBe(1);
  expect(await inbox.next()).toBe(2);
  expect(await inbox.next()).toBeUndefined();
  expect(await inbox.next()).toBeUndefined();
});

test("a wait ends with the message that arrives", async () => {
  const stream = createSource();
  const inbox = createInbox<string>(stream, toError);
  const next = inbox.next();
  await sleep(10);
  stream.push("late");
  expect(await next).toBe("late");
});

test("what arrived before the stream failed still comes out, then the error", async () => {
  const stream = createSource();
  const inbox = createInbox<number>(stream, toError);
  stream.push(1);
  await turn();
  stream.destroy(new Error("reset"));
  expect(await inbox.next()).toBe(1);
  const error = { code: "unavailable", message: "reset" };
  await expect(inbox.next()).rejects.toMatchObject(error);
  await expect(inbox.next()).rejects.toMatchObject(error);
});

test("a wait ends with the error the stream fails with", async () => {
  const stream = createSource();
  const next = createInbox<number>(stream, toError).next();
  stream.destroy(new Error("reset"));
  await expect(next).rejects.toMatchObject({ code: "unavailable", message: "reset" });
});

test("a wait's own signal ends the wait and not the stream", async () => {
  const stream = createSource();
  const inbox = createInbox<number>(stream, toError);
  const controller = new AbortController();
  const next = inbox.next(controller.signal);
  controller.abort();
  await expect(next).rejects.toMatchObject({ code: "cancelled" });
  await expect(inbox.next(controller.signal)).rejects.toMatchObject({ code: "cancelled" });
  stream.push(1);
  expect(await inbox.next()).toBe(1);
});

test("a message that is there is given even to a wait that is aborted", async () => {
  const stream = createSource();
  const inbox = createInbox<number>(stream, toError);
  stream.push(1);
  await turn();
  expect(await inbox.next(AbortSignal.abort())).toBe(1);
});

test("the inbox's signal ends it for good, with its reason", async () => {
  const stream = createSource();
  const controller = new AbortController();
  const inbox = createInbox<number>(stream, toError, controller.signal);
  const next = inbox.next();
  controller.abort(new AdaedlError("unavailable", "the server is shutting down"));
  const error = { code: "unavailable", message: "the server is shutting down" };
  await expect(next).rejects.toMatchObject(error);
  await expect(inbox.next()).rejects.toMatchObject(error);
  const late = createInbox<number>(createSource(), toError, controller.signal);
  await expect(late.next()).rejects.toMatchObject(error);
});

test("waits leave no listeners on their signal", async () => {
  const stream = createSource();
  const inbox = createInbox<number>(stream, toError);
  const { signal } = new AbortController();
  for (let i = 0; i < 50; i++) {
    const next = inbox.next(signal);
    await turn();
    stream.push(i);
    expect(await next).toBe(i);
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("of a stream that nobody takes from, 32 messages are read, and more as they are taken", async () => {
  const stream = createSource();
  const inbox = createInbox<number>(stream, toError);
  let numRead = 0;
  stream.on("data", () => {
    numRead++;
  });
  for (let i = 0; i < 1_000; i++) stream.push(i);
  await sleep(10);
  expect(numRead).toBe(32);
  for (let i = 0; i < 100; i++) {
    expect(await inbox.next()).toBe(i);
    await turn();
    expect(numRead).toBeLessThanOrEqual(i + 1 + 32);
  }
  for (let i = 100; i < 1_000; i++) expect(await inbox.next()).toBe(i);
});
