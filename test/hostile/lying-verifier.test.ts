import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import type { RunningDraftService } from "@adaedl/draft-service";
import {
  type GenerateRequest,
  type Open,
  openGenerationClient,
  openGrpcServer,
  type VerifyResponse,
  verificationService,
} from "@adaedl/protocol";
import { findFreePort } from "@adaedl/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Generated,
  generateAt,
  startTestDraftService,
  startTestVerifier,
} from "../network/start-services.ts";

type Send = (response: VerifyResponse) => Promise<void>;
/** What a lying verifier does with a session once it has its Open; `Error` ends the stream. */
type Lie = (open: Open, send: Send, signal: AbortSignal) => Promise<unknown>;

const opened: VerifyResponse = { type: "opened", queueMs: 0, verifyMs: 0, numForwards: 1 };
const facts = { queueMs: 0, verifyMs: 1, batchSize: 1, logprobs: [], topLogprobs: [] };
const commitAt = (position: number, tokenIds: readonly number[], more = {}): VerifyResponse => ({
  type: "commit",
  commit: { position, tokenIds, numJudged: tokenIds.length - 1, numAccepted: tokenIds.length - 1 },
  facts: { ...facts, ...more },
});
/** What the text has already. */
const stale = ({ promptTokenIds }: Open) => commitAt(0, promptTokenIds.slice(0, 1));
const ended = (signal: AbortSignal) => once(signal, "abort");
const refuse =
  (code: "invalid_argument" | "out_of_range" | "unimplemented" | "internal"): Lie =>
  async () => {
    throw new AdaedlError(code, "seed is wrong", { field: "seed" });
  };

async function sendEvery(ms: number, message: VerifyResponse, send: Send, signal: AbortSignal) {
  while (!signal.aborted) {
    await send(message);
    await sleep(ms);
  }
}

async function flood(message: VerifyResponse, send: Send, signal: AbortSignal) {
  while (!signal.aborted) await send(message);
}

const lies: Readonly<Record<string, Lie>> = {
  "sends commits of what is known, without end": async (open, send, signal) => {
    await send(opened);
    await sendEvery(100, stale(open), send, signal);
  },
  "sends them before it has opened": (open, send, signal) =>
    sendEvery(100, stale(open), send, signal),
  "opens again and again": (_, send, signal) => sendEvery(100, opened, send, signal),
  "sends nothing": (_, __, signal) => ended(signal),
  "opens, and sends nothing": async (_, send, signal) => {
    await send(opened);
    await ended(signal);
  },
  "sends a flood of known commits": async (open, send, signal) => {
    await send(opened);
    await flood(stale(open), send, signal);
  },
  "sends a flood of progress": (_, send, signal) => flood({ type: "progress" }, send, signal),
  "ends the stream at once": async () => {},
  "finishes before the text does": (_, send) => send({ type: "finished", reason: "stop" }),
  "leaves a gap": async ({ promptTokenIds }, send, signal) => {
    await send(opened);
    await send(commitAt(promptTokenIds.length + 5, [1]));
    await ended(signal);
  },
  "changes the prompt": async ({ promptTokenIds }, send, signal) => {
    await send(opened);
    await send(commitAt(0, [(promptTokenIds[0] ?? 0) + 1]));
    await ended(signal);
  },
  "commits a token that there is not": async ({ promptTokenIds }, send, signal) => {
    await send(opened);
    await send(commitAt(promptTokenIds.length, [4_000_000_000]));
    await ended(signal);
  },
  "takes NaN ms": (_, send) => send({ ...opened, queueMs: Number.NaN } as VerifyResponse),
  "claims a log-probability of NaN": async ({ promptTokenIds }, send) => {
    await send(opened);
    await send(commitAt(promptTokenIds.length, [1], { logprobs: [Number.NaN] }));
  },
  "claims a log-probability above 0": async ({ promptTokenIds }, send) => {
    await send(opened);
    await send(commitAt(promptTokenIds.length, [1], { logprobs: [7] }));
  },
  "answers too much": async ({ promptTokenIds }, send) => {
    await send(opened);
    await send(commitAt(promptTokenIds.length, Array(100_000).fill(1)));
  },
  "says INVALID_ARGUMENT": refuse("invalid_argument"),
  "says OUT_OF_RANGE": refuse("out_of_range"),
  "says UNIMPLEMENTED": refuse("unimplemented"),
  "says INTERNAL": refuse("internal"),
  "is full for an hour": async () => {
    throw new AdaedlError("resource_exhausted", "full", { retryAfterMs: 3_600_000 });
  },
};

let lie: Lie = async () => {};
let numMet = 0;
let alone: RunningDraftService;
let besideGood: RunningDraftService;
let metricsUrl: string;
let honest: Generated;
const open: AsyncDisposable[] = [];
afterAll(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

const request: GenerateRequest = {
  prompt: { type: "text", text: "The captain looked at the" },
  ...{ seed: 3, maxTokens: 24, ignoreEos: true },
};
/** Far more than every timeout: who is still waiting then waits for ever. */
const forEverMs = 25_000;

beforeAll(async () => {
  const good = await startTestVerifier();
  open.push(good);
  const startLiar = async (onSession: () => void) => {
    const handler = {
      describe: () => good.description,
      getTokenizer: async () => new Uint8Array(),
      async verify(
        receive: () => Promise<unknown>,
        send: Send,
        { signal }: { readonly signal: AbortSignal },
      ) {
        const first = (await receive()) as Open;
        onSession();
        await lie(first, send, signal);
      },
    };
    const listen = "127.0.0.1:0";
    const liar = await openGrpcServer({ listen }, [verificationService(handler, 5_000)]);
    open.push(liar);
    return liar.address;
  };
  alone = await startTestDraftService([await startLiar(() => {})], {
    timeouts: { openMs: 300, roundMs: 300, giveUpMs: 300 },
  });
  const liar = await startLiar(() => numMet++);
  const metricsListen = `127.0.0.1:${await findFreePort()}`;
  metricsUrl = `http://${metricsListen}/metrics`;
  besideGood = await startTestDraftService([liar, good.address], {
    ...{ timeouts: { openMs: 1_000, roundMs: 1_000, giveUpMs: 60_000 }, metricsListen },
  });
  open.push(alone, besideGood);
  const direct = await startTestDraftService([good.address]);
  honest = await generateAt(direct.address, request);
  await direct.close();
});

/** Asks until the liar has had a session: one that failed lately is not asked. */
async function askUntilMet(address: string): Promise<void> {
  const before = numMet;
  while (numMet === before) {
    const { tokenIds, text } = await generateAt(address, request, AbortSignal.timeout(forEverMs));
    expect({ tokenIds, text }).toEqual({ tokenIds: honest.tokenIds, text: honest.text });
    if (numMet === before) await sleep(100);
  }
}

async function numStrays(): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  return Number(/^adaedl_stray_messages_total\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

test.each(Object.entries(lies))(
  "a verifier that %s: alone it fails the request, beside a good one it changes nothing",
  { timeout: 60_000 },
  async (_, behaviour) => {
    lie = behaviour;
    const failing = generateAt(alone.address, request, AbortSignal.timeout(forEverMs));
    const isFailed = expect(failing).rejects.toMatchObject({
      code: expect.stringMatching(
        /^(unavailable|internal|invalid_argument|out_of_range|resource_exhausted)$/,
      ),
    });
    await Promise.all([isFailed, askUntilMet(besideGood.address)]);
  },
);

test("messages that say nothing new are counted", async () => {
  lie = lies["sends a flood of known commits"] as Lie;
  const before = await numStrays();
  await askUntilMet(besideGood.address);
  expect(await numStrays()).toBeGreaterThanOrEqual(before + 65);
});

test("log-probabilities that nobody asked for do not reach the client", async () => {
  lie = async ({ promptTokenIds }, send, signal) => {
    await send(opened);
    const top = [{ tokenId: 1, logprob: -1 }];
    const more = { logprobs: [-1], topLogprobs: [top] };
    for (const [index, tokenId] of honest.tokenIds.entries())
      await send(commitAt(promptTokenIds.length + index, [tokenId], more));
    await ended(signal);
  };
  const client = openGenerationClient({ address: alone.address });
  const tokens = [];
  for await (const event of client.generate(request))
    if (event.type === "token") tokens.push(event);
  client.close();
  expect(tokens).toHaveLength(honest.tokenIds.length);
  for (const { logprob, topLogprobs } of tokens)
    expect([logprob, topLogprobs?.length ?? 0]).toEqual([undefined, 0]);
});
