import { AdaedlError, type Offer, Outbox, type TargetMessage } from "@adaedl/core";
import type { Open, VerifyRequest, VerifyResponse } from "@adaedl/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createMeter } from "../meter.ts";
import type { SessionStart } from "../sessions/session-start.ts";
import type { IngressParts } from "./ingress-parts.ts";
import { relaySession } from "./relay-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const idleTimeoutMs = 10_000;
const opened: TargetMessage = { type: "opened", queueMs: 0, verifyMs: 1, numForwards: 1 };
const finished: TargetMessage = { type: "finished", reason: "length" };
const node = { parent: 0, tokenId: 7, chance: 1 };

function commitAt(position: number): TargetMessage {
  const facts = { queueMs: 0, verifyMs: 1, batchSize: 1, logprobs: [], topLogprobs: [] };
  const commit = { position, tokenIds: [1], numJudged: 0, numAccepted: 0 };
  return { type: "commit", commit, facts };
}
const offerOf = (fields: Partial<Offer> = {}): VerifyRequest => ({
  type: "offer",
  offer: { firstId: 1, nodes: [node], credit: 0, ...fields },
});

/** A relay between a client and a target that a test plays. The text has three tokens at first. */
function relay({ credit = 3, verification = "shared-noise" as "shared-noise" | "rejection" } = {}) {
  const up: VerifyRequest[] = [];
  let isHalfClosed = false;
  let wake = () => {};
  let isWatched = false;
  const target = new Outbox<TargetMessage>();
  const offers: Offer[] = [];
  const model = { numForwards: 0, isResting: false };
  const lost = new AbortController();
  const reader = { isSlow: false, wake() {} };
  const sent: VerifyResponse[] = [];
  const opening = new Set<string>();
  const close = vi.fn(() => target.end());
  const parts = {
    host: {
      open(_: SessionStart, signal?: AbortSignal) {
        signal?.addEventListener("abort", () => target.end(AdaedlError.fromAbort(signal.reason)));
        const offer = (made: Offer) => void offers.push(made);
        return { offer, cancel() {}, messages: target, close };
      },
      numForwards: () => model.numForwards,
    },
    facts: { vocabSize: 100, contextLength: 64, defaultSampling: {} },
    limits: { idleTimeoutMs },
    opening,
    meter: createMeter(),
  } as unknown as IngressParts;
  const open = { promptTokenIds: [1, 2, 3], committedTokenIds: [] } as unknown as Open;
  const settings = { verification } as SessionStart["settings"];
  const text = { settings, tokenIds: [1, 2, 3], credit, maxLength: 20, endTokenIds: new Set([0]) };
  const done = relaySession(
    parts,
    { ...text, open, sessionId: "s", client: "c" },
    {
      lost: lost.signal,
      work() {
        model.isResting = false;
      },
      rest() {
        model.isResting = true;
      },
    },
    {
      signal: new AbortController().signal,
      async receive(signal) {
        if (!isWatched) signal.addEventListener("abort", () => wake());
        isWatched = true;
        while (up.length === 0 && !isHalfClosed && !signal.aborted)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        if (signal.aborted) throw AdaedlError.fromAbort(signal.reason);
        return up.shift();
      },
      async send(response) {
        sent.push(response);
        if (reader.isSlow)
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
      },
    },
  );
  const outcome = done.then(
    () => undefined,
    (error: AdaedlError) => error,
  );
  return {
    ...{ outcome, offers, sent, opening, model, close, lost, reader },
    say: (...messages: TargetMessage[]) => {
      for (const message of messages) target.push(message);
      return vi.advanceTimersByTimeAsync(0);
    },
    send: (request: VerifyRequest) => {
      up.push(request);
      wake();
      return vi.advanceTimersByTimeAsync(0);
    },
    halfClose: () => {
      isHalfClosed = true;
      wake();
    },
    failTarget: (error: AdaedlError) => target.end(error),
  };
}

test("messages go both ways until the target has finished", async () => {
  const session = relay({ credit: 10 });
  expect(session.opening.size).toBe(1);
  await session.say(opened);
  expect(session.opening.size).toBe(0);
  await session.send(offerOf());
  await session.say(commitAt(3), finished);
  expect(await session.outcome).toBeUndefined();
  expect(session.sent.map(({ type }) => type)).toEqual(["opened", "commit", "finished"]);
  expect(session.offers).toHaveLength(1);
  expect(session.close).toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("beyond what a target holds of a text, offers are read when it commits", async () => {
  const session = relay({ credit: 10 });
  await session.say(opened);
  const nodes = Array(256).fill(node);
  for (let index = 0; index < 10; index++) await session.send(offerOf({ nodes }));
  expect(session.offers).toHaveLength(4);
  await session.say(commitAt(3));
  expect(session.offers).toHaveLength(8);
  await session.say(commitAt(4));
  expect(session.offers).toHaveLength(10);
  for (let index = 0; index < 10; index++) await session.send(offerOf({ nodes }));
  session.lost.abort(new AdaedlError("not_found", "its place was given to another"));
  expect(await session.outcome).toMatchObject({ code: "not_found" });
});

test.each([
  ["Cancel", false],
  ["the end of the client's side", true],
])("%s is answered with finished, also while the session waits for a place", async (_, closes) => {
  for (const isOpen of [false, true]) {
    const session = relay();
    if (isOpen) await session.say(opened);
    if (closes) session.halfClose();
    else await session.send({ type: "cancel" });
    expect(await session.outcome).toBeUndefined();
    expect(session.sent.at(-1)).toEqual({ type: "finished", reason: "cancelled" });
    expect(session.close).toHaveBeenCalled();
  }
});

test("a client that lets its turn pass is ended", async () => {
  const session = relay();
  await session.say(opened);
  await vi.advanceTimersByTimeAsync(idleTimeoutMs - 1);
  await session.send(offerOf({ credit: 4 }));
  await vi.advanceTimersByTimeAsync(idleTimeoutMs - 1);
  await session.say(commitAt(3));
  await vi.advanceTimersByTimeAsync(idleTimeoutMs - 1);
  expect(session.close).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await session.outcome).toMatchObject({
    code: "deadline_exceeded",
    message: `nothing was asked of the target for ${idleTimeoutMs} ms`,
  });
});

test("a client that drafts and asks for nothing is ended all the same", async () => {
  const session = relay();
  await session.say(opened);
  for (let firstId = 1; firstId < 4; firstId++) {
    await vi.advanceTimersByTimeAsync(idleTimeoutMs / 4);
    await session.send(offerOf({ firstId, credit: 3 }));
  }
  await vi.advanceTimersByTimeAsync(idleTimeoutMs / 4);
  expect(await session.outcome).toMatchObject({ code: "deadline_exceeded" });
});

test("a session rests while its client has nothing to read, or does not read", async () => {
  const session = relay();
  expect(session.model.isResting).toBe(false);
  await session.say(opened);
  expect(session.model.isResting).toBe(true);
  await session.send(offerOf({ firstId: 1, credit: 3 }));
  expect(session.model.isResting).toBe(true);
  await session.send(offerOf({ firstId: 2, credit: 9 }));
  expect(session.model.isResting).toBe(false);
  session.reader.isSlow = true;
  await session.say(commitAt(3));
  expect(session.model.isResting).toBe(true);
  session.reader.isSlow = false;
  session.reader.wake();
  await session.say(commitAt(4));
  expect(session.model.isResting).toBe(false);
  session.halfClose();
  await session.outcome;
});

test("a session whose place is given to another client ends with the reason", async () => {
  const session = relay();
  await session.say(opened);
  const error = new AdaedlError("resource_exhausted", "make room", { retryAfterMs: 1 });
  session.lost.abort(error);
  expect(await session.outcome).toBe(error);
  expect(session.close).toHaveBeenCalled();
});

test("nobody is ended who waits for the target: for a place, or for a commit", async () => {
  const session = relay({ credit: 4 });
  await vi.advanceTimersByTimeAsync(5 * idleTimeoutMs);
  await session.say(opened);
  await vi.advanceTimersByTimeAsync(5 * idleTimeoutMs);
  await session.say(commitAt(3), finished);
  expect(await session.outcome).toBeUndefined();
});

test("progress is sent to a client that waits, and to no other", async () => {
  const session = relay({ credit: 4 });
  const numSent = () => session.sent.filter(({ type }) => type === "progress").length;
  session.model.numForwards++;
  await vi.advanceTimersByTimeAsync(300);
  expect(numSent()).toBe(1);
  await session.say(opened);
  session.model.numForwards++;
  await vi.advanceTimersByTimeAsync(300);
  expect(numSent()).toBe(2);
  await session.say(commitAt(3));
  session.model.numForwards++;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(numSent()).toBe(2);
});

const distribution = { tokenIds: Int32Array.of(7), weights: Float32Array.of(1) };
test.each<[string, "shared-noise" | "rejection", VerifyRequest]>([
  ["message", "shared-noise", { type: "open" } as VerifyRequest],
  ["offer.nodes[0].token_id", "shared-noise", offerOf({ nodes: [{ ...node, tokenId: 100 }] })],
  ["offer.nodes[0].parent", "shared-noise", offerOf({ nodes: [{ ...node, parent: 1 }] })],
  ["offer.distributions[0]", "shared-noise", offerOf({ nodes: [{ ...node, distribution }] })],
  ["offer.distributions[0]", "rejection", offerOf()],
])("%s that breaks a rule under %s ends the session", async (field, verification, request) => {
  const session = relay({ verification });
  await session.say(opened);
  await session.send(request);
  expect(await session.outcome).toMatchObject({ code: "invalid_argument", field });
  expect(session.offers).toEqual([]);
});

test("what the session ended with at the target is the status", async () => {
  const session = relay();
  const error = new AdaedlError("not_found", "session s is not here");
  session.failTarget(error);
  expect(await session.outcome).toBe(error);
  expect(session.opening.size).toBe(0);
});
