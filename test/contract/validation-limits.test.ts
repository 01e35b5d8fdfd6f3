import type { RunningVerifier, VerifierOptions } from "@adaedl/verifier";
import { afterEach, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  endOf,
  idle,
  openOf,
  prompt,
  refusalOf,
  type Talk,
  talkTo,
  writePlainly,
} from "./validation.cases.ts";

// What a verifier has only so much of. What is taken is given back.

let running: RunningVerifier | undefined;
async function start(options: Partial<VerifierOptions>): Promise<RunningVerifier> {
  running = await startTestVerifier(options);
  return running;
}
afterEach(async () => {
  if (running !== undefined) await expect.poll(() => running?.status()).toMatchObject(idle);
  await running?.close();
  running = undefined;
});

async function openAt(verifier: RunningVerifier): Promise<Talk> {
  const talk = talkTo(verifier);
  await talk.send(openOf(verifier));
  await talk.expect("opened");
  return talk;
}

const withTimeToWait = { code: "resource_exhausted", retryAfterMs: expect.any(Number) };

describe("more than there is of", () => {
  test("sessions is refused with the time to wait, until one ends", async () => {
    const verifier = await start({ maxSessions: 2 });
    const [first, second] = [await openAt(verifier), await openAt(verifier)];
    expect(await refusalOf(verifier, openOf(verifier))).toMatchObject({
      ...withTimeToWait,
      field: "sessions",
      message: "2 sessions are running",
    });
    second[Symbol.dispose]();
    await expect.poll(() => verifier.status().numSessions).toBe(1);
    const third = await openAt(verifier);
    for (const talk of [first, third]) talk[Symbol.dispose]();
  });

  test("a client's tokens is refused with the time to wait, until it has fewer", async () => {
    const verifier = await start({ maxClientTokens: 500 });
    const first = await openAt(verifier);
    const length = prompt.length + 400;
    const error = await refusalOf(verifier, openOf(verifier));
    expect(error).toMatchObject({ ...withTimeToWait, field: "tokens", value: String(length) });
    expect(error.message).toMatch(
      /at most 500 at a time: 405 are running, 405 more were asked for/,
    );
    using small = talkTo(verifier);
    await small.send(openOf(verifier, { maxTokens: 90 }));
    await small.expect("opened");
    first[Symbol.dispose]();
    await expect.poll(() => verifier.status().numSessions).toBe(1);
    (await openAt(verifier))[Symbol.dispose]();
  });

  test("rounds in the queue is refused with the time to wait; the one at work goes on", async () => {
    const verifier = await start({ maxQueuedRounds: 1 });
    const text = await writePlainly(verifier, 400);
    using talk = await openAt(verifier);
    await talk.send(endOf(0, prompt, { numPlainTokens: 399 }));
    const tokenIds = [(await talk.expect("verdict")).nextTokenId];
    const error = await refusalOf(verifier, openOf(verifier));
    expect(error).toMatchObject({ ...withTimeToWait, field: "queue" });
    while (tokenIds.length < 400) tokenIds.push((await talk.expect("verdict")).nextTokenId);
    expect(tokenIds).toEqual(text);
  });

  test("memory takes that of the longest idle, which may come back with its prefix", async () => {
    const verifier = await start({ maxSlots: 1 });
    const text = await writePlainly(verifier, 400);
    using first = await openAt(verifier);
    expect(await refusalOf(verifier, openOf(verifier))).toMatchObject(withTimeToWait);
    await first.send(endOf(0, prompt, { numPlainTokens: 9 }));
    for (let count = 0; count < 10; count++) await first.expect("verdict");

    const second = await openAt(verifier);
    const sequence = [...prompt, ...text.slice(0, 10)];
    await first.send(endOf(10, sequence));
    await expect(first.next()).rejects.toMatchObject({ code: "not_found", field: "session_id" });
    second[Symbol.dispose]();
    await expect.poll(() => verifier.status().numSlots).toBe(0);

    using again = talkTo(verifier);
    await again.send(openOf(verifier, { committedTokenIds: text.slice(0, 10), nextRound: 10 }));
    await again.expect("opened");
    await again.send(endOf(10, sequence, { numPlainTokens: 20 }));
    for (let round = 10; round < 31; round++)
      expect(await again.expect("verdict")).toMatchObject({ round, nextTokenId: text[round] });
  });
});
