import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { VerifyResponse } from "../verification/messages.ts";
import type { VerificationStream } from "./verification-client.ts";
import { toVerifierSession } from "./verifier-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const facts = { queueMs: 0, verifyMs: 1, batchSize: 1, logprobs: [], topLogprobs: [] };
const opened: VerifyResponse = { type: "opened", queueMs: 0, verifyMs: 0, numForwards: 1 };
/** Of the three tokens that the text has already. */
const known: VerifyResponse = {
  type: "commit",
  commit: { position: 0, tokenIds: [5], numJudged: 0, numAccepted: 0 },
  facts,
};

/** A stream on which the same message arrives again and again. */
function streamOf(first: VerifyResponse, again: VerifyResponse, everyMs: number) {
  let numReceived = 0;
  const stream: Partial<VerificationStream> = {
    ...{ send() {}, reset() {}, close() {} },
    receive: (signal) =>
      new Promise((resolve, reject) => {
        const message = numReceived++ === 0 ? first : again;
        setTimeout(() => resolve(message), everyMs);
        signal?.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  return stream as VerificationStream;
}

test.each<[string, VerifyResponse, VerifyResponse]>([
  ["commits of what is known, once it is open", opened, known],
  ["commits of what is known, before it is open", known, known],
  ["another opening", opened, opened],
])("%s: they do not prolong the wait for an answer", async (_, first, again) => {
  const onResponse = vi.fn();
  const stream = streamOf(first, again, 200);
  const bounds = { length: 3, credit: 10, openMs: 500, roundMs: 500 };
  const { messages } = toVerifierSession(stream, { ...bounds, onResponse });
  const ended = expect(readAll(messages)).rejects.toMatchObject({ code: "deadline_exceeded" });
  await vi.advanceTimersByTimeAsync(60_000);
  await ended;
  expect(onResponse.mock.calls.length).toBeLessThanOrEqual(3);
});

async function readAll(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}
