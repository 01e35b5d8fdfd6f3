import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startProgress } from "./report-progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A model that has completed some forwards, and a client that is sent progress. */
function waiting() {
  const model = { numForwards: 7 };
  const send = vi.fn(async () => {});
  const progress = startProgress(() => model.numForwards, send);
  return { model, send, progress };
}

test("is sent after forwards, four times a second at most", async () => {
  const { model, send, progress } = waiting();
  for (let ms = 0; ms < 2_000; ms += 20) {
    model.numForwards++;
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(send).toHaveBeenCalledTimes(8);
  progress.end();
  model.numForwards++;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(send).toHaveBeenCalledTimes(8);
});

test("is not sent while the model is stuck", async () => {
  const { model, send } = waiting();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).not.toHaveBeenCalled();
  model.numForwards++;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).toHaveBeenCalledTimes(1);
});

test("is not sent to a client that is sent answers", async () => {
  const { model, send, progress } = waiting();
  for (let ms = 0; ms < 2_000; ms += 200) {
    model.numForwards++;
    progress.restart();
    await vi.advanceTimersByTimeAsync(200);
  }
  expect(send).not.toHaveBeenCalled();
});

test("is not piled up for a client that takes nothing, nor fails with its stream", async () => {
  const { model, send } = waiting();
  let fail: (error: Error) => void = () => {};
  send.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
  for (let ms = 0; ms < 2_000; ms += 20) {
    model.numForwards++;
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(send).toHaveBeenCalledTimes(1);
  fail(new Error("the client took nothing"));
  model.numForwards++;
  await vi.advanceTimersByTimeAsync(250);
  expect(send).toHaveBeenCalledTimes(2);
});
