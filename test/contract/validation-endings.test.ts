import type { RunningVerifier, VerifierOptions } from "@adaedl/verifier";
import { afterEach, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  besideOther,
  endOf,
  idle,
  openOf,
  prompt,
  refusalOf,
  type Talk,
  talkTo,
  writePlainly,
} from "./validation.cases.ts";
import { bytesOf, sendBytes } from "./validation-bytes.cases.ts";

// How sessions end that nothing is wrong with. What they held is free afterwards.

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

describe("a client that says nothing for too long is let go:", () => {
  test("before Open, after it, and in the middle of a draft", async () => {
    const verifier = await start({ idleTimeoutMs: 300 });
    const text = await writePlainly(verifier, 400);
    const guess = { tokenId: 1, position: prompt.length, entropy: 0 };
    const starts = [
      [],
      [openOf(verifier)],
      [openOf(verifier), { type: "draftToken", round: 0, token: guess } as const],
    ];
    for (const messages of starts) {
      const startedAt = performance.now();
      const error = await besideOther(verifier, text, () => refusalOf(verifier, ...messages));
      expect(error).toMatchObject({
        code: "deadline_exceeded",
        message: "nothing was sent for 300 ms",
      });
      expect(performance.now() - startedAt).toBeGreaterThan(290);
    }
  });

  test("but not one that waits for a long run", async () => {
    const verifier = await start({ idleTimeoutMs: 150 });
    const startedAt = performance.now();
    expect(await writePlainly(verifier, 400)).toHaveLength(400);
    expect(performance.now() - startedAt).toBeGreaterThan(160);
  });
});

describe("a session ends well", () => {
  test("with Cancel, which is answered with what was done", async () => {
    const verifier = await start({});
    using talk = await openAt(verifier);
    await talk.send(endOf(0, prompt, { numPlainTokens: 2 }));
    for (let count = 0; count < 3; count++) await talk.expect("verdict");
    await talk.send({ type: "cancel" });
    const finished = await talk.expect("finished");
    expect(finished).toMatchObject({ reason: "cancelled", numRounds: 3 });
    expect(finished.numForwards).toBeGreaterThan(3); // those of the prompt too
    expect(await talk.next()).toBeUndefined();
  });

  test("with Cancel in the middle of a plain run, whose rest is not computed", async () => {
    const verifier = await start({});
    using talk = await openAt(verifier);
    await talk.send(endOf(0, prompt, { numPlainTokens: 399 }));
    for (let count = 0; count < 5; count++) await talk.expect("verdict");
    await talk.send({ type: "cancel" });
    let message = await talk.next();
    while (message?.type === "verdict") message = await talk.next();
    expect(message).toMatchObject({ type: "finished", reason: "cancelled" });
    expect(await talk.next()).toBeUndefined();
    expect(verifier.status().numSteps).toBeLessThan(300);
  });

  test("with Cancel while its prompt is being computed", async () => {
    const verifier = await start({});
    const promptTokenIds = Array.from({ length: 500 }, (_, index) => 1 + (index % 900));
    using talk = talkTo(verifier);
    await talk.send(openOf(verifier, { promptTokenIds, maxTokens: 10 }));
    await talk.send({ type: "cancel" });
    // Whether the prompt was faster or not, the session is over and says so.
    let message = await talk.next();
    if (message?.type === "opened") message = await talk.next();
    expect(message).toMatchObject({ type: "finished", reason: "cancelled", numRounds: 0 });
    expect(await talk.next()).toBeUndefined();
  });

  test("when the client closes its side, or all tokens are there", async () => {
    const verifier = await start({});
    const { type: _, sampling, verification, ...open } = openOf(verifier);
    expect(await sendBytes(verifier.address, bytesOf({ open }))).toMatchObject({ code: 0 });

    using talk = talkTo(verifier);
    await talk.send(openOf(verifier, { maxTokens: 3 }));
    await talk.expect("opened");
    await talk.send(endOf(0, prompt, { numPlainTokens: 2 }));
    for (let count = 0; count < 3; count++) await talk.expect("verdict");
    expect(await talk.expect("finished")).toMatchObject({ reason: "length", numRounds: 3 });
    expect(await talk.next()).toBeUndefined();
  });

  test("or badly, when its client vanishes in the middle of a run: the work ends with it", async () => {
    const verifier = await start({});
    const talk = await openAt(verifier);
    await talk.send(endOf(0, prompt, { numPlainTokens: 399 }));
    await talk.expect("verdict");
    talk[Symbol.dispose]();
    await expect.poll(() => verifier.status()).toMatchObject(idle);
    expect(verifier.status().numSteps).toBeLessThan(300);
  });
});

test("while it drains, sessions are unavailable, those that run finish, and then it is gone", async () => {
  const verifier = await start({});
  const text = await writePlainly(verifier, 400);
  using talk = await openAt(verifier);
  await talk.send(endOf(0, prompt, { numPlainTokens: 399 }));
  await talk.expect("verdict");
  const drained = verifier.drain(20_000);
  const error = await refusalOf(verifier, openOf(verifier));
  expect(error).toMatchObject({
    code: "unavailable",
    message: "this verifier is shutting down",
  });
  const tokenIds = [text[0]];
  while (tokenIds.length < 400) tokenIds.push((await talk.expect("verdict")).nextTokenId);
  expect(tokenIds).toEqual(text);
  await talk.expect("finished");
  await drained;
  expect(await refusalOf(verifier, openOf(verifier))).toMatchObject({ code: "unavailable" });
});
