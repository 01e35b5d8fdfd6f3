import type { RunningVerifier, VerifierOptions } from "@adaedl/verifier";
import { afterEach, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  idle,
  noCredit,
  offerOf,
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

/** A session that waits for an offer. */
async function openAt(verifier: RunningVerifier): Promise<Talk> {
  const talk = talkTo(verifier);
  talk.send(openOf(verifier, noCredit));
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
    small.send(openOf(verifier, { maxTokens: 90 }));
    await small.expect("opened");
    first[Symbol.dispose]();
    await expect.poll(() => verifier.status().numSessions).toBe(1);
    (await openAt(verifier))[Symbol.dispose]();
  });

  test("memory takes that of the longest idle, which may come back with its prefix", async () => {
    const verifier = await start({ maxSlots: 1 });
    const text = await writePlainly(verifier, 400);
    using first = await openAt(verifier);
    const second = talkTo(verifier);
    second.send(openOf(verifier, noCredit)); // waits: the first one has not begun
    first.send(offerOf(prompt, [], { base: undefined, credit: prompt.length + 10 }));
    await first.tokens(10);
    await second.expect("opened");
    await expect(first.next()).rejects.toMatchObject({ code: "not_found", field: "session_id" });
    second[Symbol.dispose]();
    await expect.poll(() => verifier.status().numSlots).toBe(0);

    using again = talkTo(verifier);
    again.send(openOf(verifier, { committedTokenIds: text.slice(0, 10) }));
    await again.expect("opened");
    expect(await again.tokens(20)).toEqual(text.slice(10, 30));
  });
});
