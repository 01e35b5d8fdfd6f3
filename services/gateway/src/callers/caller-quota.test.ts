import { AdaedlError } from "@adaedl/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseLimits } from "./caller-limits.ts";
import { type CallerQuota, createCallerQuota } from "./caller-quota.ts";

async function refusalOf(entering: Promise<unknown>): Promise<AdaedlError> {
  const error = await entering.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(AdaedlError);
  expect(error.code).toBe("resource_exhausted");
  return error;
}
const refusal = (quota: CallerQuota, numGenerations = 1) => refusalOf(quota.enter(numGenerations));

// Windows are a matter of the clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("limits on a line of the key file", () => {
  test("are read by their names", () => {
    expect(parseLimits(["tokens-per-minute=100", "concurrency=2"])).toEqual({
      tokensPerMinute: 100,
      concurrency: 2,
    });
    expect(parseLimits([])).toEqual({});
  });

  test.each([
    "speed=1",
    "concurrency",
    "concurrency=",
    "concurrency=0",
    "concurrency=1.5",
    "sk-two",
  ])("%s is none", (word) => {
    const rule = /^must be a name, a key and limits such as concurrency=1 requests-per-minute=1 /;
    expect(() => parseLimits([word])).toThrow(rule);
    expect(() => parseLimits([word])).not.toThrow(word === "sk-two" ? /sk-two/ : /never/);
  });
});

describe("a caller's quota", () => {
  test("without limits lets everything in", async () => {
    const quota = createCallerQuota("a", {});
    for (let i = 0; i < 100; i++) (await quota.enter(64)).charge(1e9);
  });

  test("of generations at a time counts those that have left no more, and each only once", async () => {
    const quota = createCallerQuota("a", { concurrency: 3 });
    const two = await quota.enter(2);
    expect(await refusal(quota, 2)).toMatchObject({ field: "concurrency", retryAfterMs: 1000 });
    await expect(quota.enter(4)).rejects.toThrow(
      "n must be within this key's concurrency, 3, got 4",
    );
    const one = await quota.enter(1);
    two.leave();
    two.leave();
    await quota.enter(2);
    await refusal(quota);
    one.leave();
    await quota.enter(1);
  });

  test("of requests a minute says when the minute is over, and begins anew then", async () => {
    const quota = createCallerQuota("a", { requestsPerMinute: 2 });
    await quota.countRequest();
    vi.advanceTimersByTime(20_000);
    await quota.countRequest();
    const refused = await refusalOf(quota.countRequest());
    expect(refused).toMatchObject({ field: "requests-per-minute", value: 2, retryAfterMs: 40_000 });
    vi.advanceTimersByTime(40_001);
    await quota.countRequest();
  });

  test("lets no more in when many come at once", async () => {
    const quota = createCallerQuota("a", { requestsPerMinute: 3, concurrency: 2 });
    const numEntered = async (enter: () => Promise<unknown>) => {
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, enter));
      return outcomes.filter(({ status }) => status === "fulfilled").length;
    };
    expect(await numEntered(() => quota.countRequest())).toBe(3);
    expect(await numEntered(() => quota.enter(1))).toBe(2);
  });

  test("of tokens a minute is charged what was used, which may be more than was left", async () => {
    const quota = createCallerQuota("a", { tokensPerMinute: 100 });
    (await quota.enter(1)).charge(99);
    (await quota.enter(1)).charge(500);
    expect(await refusal(quota)).toMatchObject({ field: "tokens-per-minute", value: 100 });
    vi.advanceTimersByTime(60_001);
    await quota.enter(1);
  });

  test("a refusal takes no place", async () => {
    const quota = createCallerQuota("a", { concurrency: 1, tokensPerMinute: 1 });
    const use = await quota.enter(1);
    for (let i = 0; i < 5; i++) await refusal(quota);
    use.leave();
    const next = await quota.enter(1);
    next.charge(1);
    next.leave();
    for (let i = 0; i < 5; i++)
      expect(await refusal(quota)).toMatchObject({ field: "tokens-per-minute" });
  });
});
