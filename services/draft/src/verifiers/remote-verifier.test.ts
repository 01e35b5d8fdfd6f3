import { setTimeout as sleep } from "node:timers/promises";
import { type Draft, defaultSamplingParams, Text } from "@adaedl/core";
import {
  openGrpcServer,
  openVerificationClient,
  protocolVersion,
  type VerificationClient,
  type VerificationHandler,
  verificationService,
} from "@adaedl/protocol";
import { createLogger } from "@adaedl/telemetry";
import { afterEach, expect, test } from "vitest";
import { openRemoteSession, type RemoteTimeouts } from "./remote-session.ts";
import type { VerifierPool } from "./verifier-pool.ts";

const logger = createLogger("test", "silent");
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});

type Verify = VerificationHandler["verify"];
const vocabulary = { size: 10, digest: "d", tokenizerDigest: "t" };

/** How a target computes prompt and round: a piece each so often, then the answer; or never any. */
interface Pace {
  readonly everyMs: number;
  readonly numPrefillPieces: number;
  readonly numRoundPieces: number;
}

/** A verifier whose target is slow, or stuck, and how often it was sent the prompt. */
async function startVerifier(pace: Pace) {
  const seen = { numOpened: 0, numEnded: 0 };
  const verify: Verify = async (receive, send, { signal }) => {
    const work = async (numPieces: number) => {
      for (let piece = 0; piece < numPieces; piece++) {
        await sleep(pace.everyMs, undefined, { signal });
        await send({ type: "progress" });
      }
      if (numPieces === stuck) await new Promise((_, reject) => (signal.onabort = reject));
    };
    try {
      await receive();
      seen.numOpened++;
      const timing = { queueMs: 0, verifyMs: 0, maxDraftLength: 0 };
      await work(pace.numPrefillPieces);
      await send({ type: "opened", ...timing, numForwards: 1 });
      const end = await receive();
      if (end?.type !== "endOfDraft") return;
      await work(pace.numRoundPieces);
      await send({
        ...{ type: "verdict", round: end.round, numAccepted: 0, nextTokenId: 7 },
        ...{ ...timing, committedLength: end.committedLength + 1, batchSize: 1 },
        ...{ logprobs: [], topLogprobs: [] },
      });
    } finally {
      seen.numEnded++;
    }
  };
  const describe = () => {
    throw new Error("the test knows");
  };
  const server = await openGrpcServer({ listen: "127.0.0.1:0" }, [
    verificationService({ describe, getTokenizer: async () => new Uint8Array(), verify }, 1_000),
  ]);
  open.push(() => server.close());
  const client = openVerificationClient({ address: server.address });
  open.push(() => client.close());
  return { client, seen };
}
const stuck = 0;

/** Asks these verifiers in turn for a token. */
async function verifyAt(
  clients: readonly VerificationClient[],
  timeouts: RemoteTimeouts,
  signal = new AbortController().signal,
) {
  let turn = 0;
  const pool = {
    description: { numTokenIds: 10 },
    pick: () => clients[turn++ % clients.length],
    worked() {},
    failed() {},
  } as unknown as VerifierPool;
  const terms = {
    ...{ sessionId: "s", protocolVersion, vocabulary, modelId: "m", promptTokenIds: [1, 2, 3] },
    ...{ sampling: defaultSamplingParams, seed: 1, verification: "shared-noise" as const },
    ...{ maxTokens: 1, wantsLogprobs: false, numTopLogprobs: 0 },
  };
  const context = { client: "c", deadlineMs: undefined, signal };
  await using session = openRemoteSession(pool, terms, timeouts, logger, context);
  const round = { number: 0, text: new Text([1, 2, 3]), numPromptTokens: 3, numPlainTokens: 0 };
  const noDraft: Draft = { async *[Symbol.asyncIterator]() {} };
  const { nextTokenId } = await session.verify(round, noDraft, signal);
  return { nextTokenId, numReopened: session.costs.numReopened };
}

/** Pieces take a twentieth of it, so that a busy machine does not count as a stuck target. */
const impatient = { openMs: 800, roundMs: 800, giveUpMs: 1_000 };

test.each([
  ["prompt", { everyMs: 40, numPrefillPieces: 30, numRoundPieces: 1 }],
  ["round", { everyMs: 40, numPrefillPieces: 1, numRoundPieces: 30 }],
])("a %s that takes longer than every timeout is computed once", async (_, pace) => {
  const { client, seen } = await startVerifier(pace);
  expect(await verifyAt([client], impatient)).toEqual({ nextTokenId: 7, numReopened: 0 });
  expect(seen.numOpened).toBe(1);
});

test.each([
  ["prompt", { everyMs: 1, numPrefillPieces: stuck, numRoundPieces: 1 }],
  ["round", { everyMs: 1, numPrefillPieces: 1, numRoundPieces: stuck }],
])("a target that is stuck in a %s is left for another one", async (_, pace) => {
  const [hung, alive] = [
    await startVerifier(pace),
    await startVerifier({ everyMs: 1, numPrefillPieces: 1, numRoundPieces: 1 }),
  ];
  const startedAt = performance.now();
  expect(await verifyAt([hung.client, alive.client], impatient)).toEqual({
    nextTokenId: 7,
    numReopened: 1,
  });
  expect(performance.now() - startedAt).toBeGreaterThan(790);
  await expect.poll(() => hung.seen.numEnded).toBe(1);
});

test("a request whose verifier is stuck is given up", async () => {
  const { client, seen } = await startVerifier({
    ...{ everyMs: 1, numPrefillPieces: stuck, numRoundPieces: 1 },
  });
  await expect(verifyAt([client], impatient)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(
      /^no verifier could serve the request: .* sent neither an answer nor progress for 800 ms$/,
    ),
  });
  expect(seen.numOpened).toBe(2); // twice in any case
});

test("a client that goes away ends the work, progress or not", async () => {
  const { client, seen } = await startVerifier({
    ...{ everyMs: 20, numPrefillPieces: 1_000, numRoundPieces: 1 },
  });
  const verifying = verifyAt([client], impatient, AbortSignal.timeout(400));
  await expect(verifying).rejects.toMatchObject({ code: "deadline_exceeded" });
  await expect.poll(() => seen.numEnded).toBe(1);
  expect(seen.numOpened).toBe(1);
});
