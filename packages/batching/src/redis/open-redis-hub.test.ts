import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, startRedisServer } from "@adaedl/testing";
import { expect, inject, onTestFinished, test } from "vitest";
import { openRedisHub } from "./redis-hub.ts";

const here = () => ({ namespace: randomUUID(), id: "h" });

test.each(["", "localhost:6379", "http://localhost", "redis://a,b", "redis+cluster://a/1"])(
  "the URL %j is refused before anything is connected to",
  async (url) => {
    await expect(openRedisHub({ ...here(), url })).rejects.toMatchObject({
      code: "invalid_argument",
      field: "redisUrl",
    });
  },
);

test.each([
  [{ caFile: "/no/ca.pem" }, "redisTlsCa", "/no/ca.pem"],
  [{ certFile: "/no/cert.pem", keyFile: import.meta.filename }, "redisTlsCert", "/no/cert.pem"],
  [{ certFile: import.meta.filename, keyFile: "/" }, "redisTlsKey", "/"],
])("a TLS file that cannot be read is named: %o", async (tls, field, value) => {
  const opened = openRedisHub({ ...here(), url: "rediss://127.0.0.1:1", tls });
  await expect(opened).rejects.toMatchObject({
    code: "invalid_argument",
    field,
    value,
    message: expect.stringMatching(`^${field} ${value} cannot be read: E[A-Z]+$`),
  });
});

/** Opens until it is told what it waits for, then aborts it. */
async function abortWaiting(url: string) {
  const controller = new AbortController();
  const told: string[] = [];
  const onWaiting = (why: string) => {
    told.push(why);
    controller.abort();
  };
  const opened = openRedisHub({ ...here(), url, onWaiting }, controller.signal);
  const error = await opened.then(
    () => undefined,
    (error) => error,
  );
  return { told, error };
}

test("while Redis is not there one is told why, once, and an abort says it, too", async () => {
  const port = await findFreePort();
  const { told, error } = await abortWaiting(`redis://127.0.0.1:${port}`);
  expect(told).toEqual([`connect ECONNREFUSED 127.0.0.1:${port}`]);
  expect(error).toMatchObject({
    code: "cancelled",
    message: `Redis cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
  });
});

test("a Redis that does not answer is waited for, until an abort", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  redis.signal("SIGSTOP");
  const { told, error } = await abortWaiting(redis.url);
  expect(told).toHaveLength(1);
  expect(error).toMatchObject({
    code: "cancelled",
    message: expect.stringMatching(/^Redis cannot be reached: ./),
  });
});

test("a wrong password is what one is told of", async () => {
  const redis = await startRedisServer({ password: "right" });
  onTestFinished(() => redis.close());
  const { told, error } = await abortWaiting(redis.url.replace("right", "wrong"));
  expect(told).toEqual([expect.stringMatching(/WRONGPASS|NOAUTH/)]);
  expect(error.message).toMatch(/WRONGPASS|NOAUTH/);
  expect(error.message).not.toMatch(/wrong/);
});

test("a Redis that comes later is found", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  await redis.kill();
  const opening = openRedisHub({ ...here(), url: redis.url });
  await sleep(300); // it has failed by then
  await redis.start();
  const hub = await opening;
  onTestFinished(() => hub.close());
  expect(hub).toMatchObject({ isUp: true, numLosses: 0 });
});

test("aborted before it began, it ends at once", async () => {
  const opened = openRedisHub({ ...here(), url: inject("redisUrl") }, AbortSignal.abort());
  await expect(opened).rejects.toMatchObject({ code: "cancelled" });
});
