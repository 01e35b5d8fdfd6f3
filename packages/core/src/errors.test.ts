import { expect, test } from "vitest";
import { AdaedlError, invalidField, maxRetryAfterMs, throwIfAborted } from "./errors.ts";

test("an invalid field names the field, the rule and the value in one line", () => {
  const error = invalidField("topP", 2, "must be above 0 and at most 1");
  expect(error.message).toBe("topP must be above 0 and at most 1, got 2");
  expect(error).toMatchObject({ code: "invalid_argument", field: "topP", value: 2 });
});

test("a string value is quoted, a long one is cut to 80 characters", () => {
  expect(invalidField("policy", "x", "is bad").message).toBe('policy is bad, got "x"');
  const { message } = invalidField("policy", "x".repeat(200), "is bad");
  expect(message).toBe(`policy is bad, got "${"x".repeat(76)}...`);
});

test.each([
  [undefined, "prompt must be given"],
  [null, "prompt must be given, got null"],
  [Number.NaN, "prompt must be given, got NaN"],
  [{ role: "user" }, 'prompt must be given, got {"role":"user"}'],
  [["a", 1], 'prompt must be given, got ["a",1]'],
])("%o is shown as a reader expects it", (value, message) => {
  expect(invalidField("prompt", value, "must be given").message).toBe(message);
});

test("a value is shown as far as it is read, however large or deep it is", () => {
  let nested: unknown[] = [];
  for (let depth = 0; depth < 100_000; depth++) nested = [nested];
  const shown = (value: unknown) => invalidField("stop", value, "is bad").message.slice(17);
  expect(shown(nested)).toBe(`${"[".repeat(77)}...`);
  expect(shown(Array(1_000_000).fill({ a: [1] }))).toMatch(/^\[({"a":\[1\]},){7}.*\.\.\.$/);
  expect(shown([1n])).toBe("a list");
});

test.each([
  [1_250, 1_250],
  [-1, 0],
  [1e12, maxRetryAfterMs],
  [Number.POSITIVE_INFINITY, maxRetryAfterMs],
  [Number.NaN, undefined],
])("a peer that asks for %d ms is obeyed for %d", (retryAfterMs, bounded) => {
  const error = new AdaedlError("resource_exhausted", "full", { retryAfterMs });
  expect(error.retryAfterMs).toBe(bounded);
});

test("from leaves an AdaedlError as it is", () => {
  const error = new AdaedlError("not_found", "no such session");
  expect(AdaedlError.from(error)).toBe(error);
});

test.each([
  [new DOMException("stop", "AbortError"), "cancelled", "the request was cancelled"],
  [new DOMException("late", "TimeoutError"), "deadline_exceeded", "the deadline passed"],
  [new TypeError("boom"), "internal", "boom"],
])("from turns %s into an error that keeps it as its cause", (thrown, code, message) => {
  const error = AdaedlError.from(thrown);
  expect(error).toMatchObject({ name: "AdaedlError", code, message });
  expect(error.cause).toBe(thrown);
});

test("from takes what is not an error at its word", () => {
  const error = AdaedlError.from("out of luck");
  expect(error).toMatchObject({ code: "internal", message: "out of luck" });
});

test("throwIfAborted throws only what an aborted signal was aborted with", () => {
  const controller = new AbortController();
  throwIfAborted(undefined);
  throwIfAborted(controller.signal);
  controller.abort();
  expect(() => throwIfAborted(controller.signal)).toThrow(
    expect.objectContaining({ code: "cancelled", message: "the request was cancelled" }),
  );
  const late = AbortSignal.abort(new AdaedlError("unavailable", "the verifier went away"));
  expect(() => throwIfAborted(late)).toThrow("the verifier went away");
});
