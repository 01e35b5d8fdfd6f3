import type { RunningVerifier, VerifierOptions } from "@adaedl/verifier";
import { afterEach, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import {
  besideOther,
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
import { openBytesOf, sendBytes, sendNothing } from "./validation-bytes.cases.ts";

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

/** A session that waits for an offer. */
async function openAt(verifier: RunningVerifier): Promise<Talk> {
  const talk = talkTo(verifier);
  talk.send(openOf(verifier, noCredit));
  await talk.expect("opened");
  return talk;
}

describe("a client that says nothing for too long is let go:", () => {
  test("after Open, and in the middle of a draft", async () => {
    const verifier = await start({ idleTimeoutMs: 300 });
    const text = await writePlainly(verifier, 400);
    const open = openOf(verifier, noCredit);
    const starts = [[open], [open, offerOf(prompt, [1], { credit: 0 })]];
    for (const messages of starts) {
      const startedAt = performance.now();
      const error = await besideOther(verifier, text, () => refusalOf(verifier, ...messages));
      expect(error).toMatchObject({
        code: "deadline_exceeded",
        message: "nothing was asked of the target for 300 ms",
      });
      expect(performance.now() - startedAt).toBeGreaterThan(290);
    }
  });

  test("before Open, too", async () => {
    const verifier = await start({ idleTimeoutMs: 300 });
    const ended = await sendNothing(verifier.address);
    expect(ended).toMatchObject({ code: 4, details: "no message was sent for 300 ms" });
  });

  test("but not one that waits for a long text", async () => {
    const verifier = await start({ idleTimeoutMs: 150 });
    const startedAt = performance.now();
    expect(await writePlainly(verifier, 400)).toHaveLength(400);
    expect(performance.now() - startedAt).toBeGreaterThan(160);
  });
});

const allCredit = (firstId = 1) =>
  offerOf(prompt, [], { firstId, base: undefined, credit: prompt.length + 400 });

describe("a session ends well", () => {
  test("with Cancel", async () => {
    const verifier = await start({});
    using talk = await openAt(verifier);
    talk.send(offerOf(prompt, [], { base: undefined, credit: prompt.length + 3 }));
    await talk.tokens(3);
    talk.send({ type: "cancel" });
    expect(await talk.expect("finished")).toMatchObject({ reason: "cancelled" });
    expect(await talk.next()).toBeUndefined();
  });

  test("with Cancel in the middle of the text, whose rest is not computed", async () => {
    const verifier = await start({});
    using talk = await openAt(verifier);
    talk.send(allCredit());
    await talk.tokens(5);
    talk.send({ type: "cancel" });
    let message = await talk.next();
    while (message?.type === "commit") message = await talk.next();
    expect(message).toMatchObject({ type: "finished", reason: "cancelled" });
    expect(await talk.next()).toBeUndefined();
    expect(verifier.status().numSteps).toBeLessThan(300);
  });

  test("with Cancel while its prompt is being computed", async () => {
    const verifier = await start({});
    const promptTokenIds = Array.from({ length: 500 }, (_, index) => 1 + (index % 900));
    using talk = talkTo(verifier);
    talk.send(openOf(verifier, { promptTokenIds, maxTokens: 10, credit: 0 }), { type: "cancel" });
    // Whether the prompt was faster or not, the session is over and says so.
    let message = await talk.next();
    if (message?.type === "opened") message = await talk.next();
    expect(message).toMatchObject({ type: "finished", reason: "cancelled" });
    expect(await talk.next()).toBeUndefined();
  });

  test("when the client closes its side, all tokens are there, or one that ends the text", async () => {
    const verifier = await start({});
    const open = openBytesOf(openOf(verifier, noCredit));
    expect(await sendBytes(verifier.address, open)).toMatchObject({ code: 0 });

    const text = await writePlainly(verifier, 30);
    const endTokenId = text.find(
      (one, index) => index > 3 && text.indexOf(one) === index,
    ) as number;
    for (const [changes, reason, length] of [
      [{ maxTokens: 3 }, "length", 3],
      [{ endTokenIds: [endTokenId] }, "stop", text.indexOf(endTokenId) + 1],
    ] as const) {
      using talk = talkTo(verifier);
      talk.send(openOf(verifier, changes));
      await talk.expect("opened");
      expect(await talk.tokens(length)).toEqual(text.slice(0, length));
      expect(await talk.expect("finished")).toMatchObject({ reason });
      expect(await talk.next()).toBeUndefined();
    }
  });

  test("or badly, when its client vanishes in the middle of the text: the work ends with it", async () => {
    const verifier = await start({});
    const talk = await openAt(verifier);
    talk.send(allCredit());
    await talk.tokens(1);
    talk[Symbol.dispose]();
    await expect.poll(() => verifier.status()).toMatchObject(idle);
    expect(verifier.status().numSteps).toBeLessThan(300);
  });
});

test("while it drains, sessions are unavailable, those that run finish, and then it is gone", async () => {
  const verifier = await start({});
  const text = await writePlainly(verifier, 400);
  using talk = await openAt(verifier);
  talk.send(allCredit());
  const tokenIds = await talk.tokens(1);
  const drained = verifier.drain(20_000);
  const error = await refusalOf(verifier, openOf(verifier));
  expect(error).toMatchObject({
    code: "unavailable",
    message: "this verifier is shutting down",
  });
  tokenIds.push(...(await talk.tokens(400 - tokenIds.length)));
  expect(tokenIds).toEqual(text);
  await talk.expect("finished");
  await drained;
  expect(await refusalOf(verifier, openOf(verifier))).toMatchObject({ code: "unavailable" });
});
