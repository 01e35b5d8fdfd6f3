import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, type Commit, decode, defaultSamplingParams } from "@adaedl/core";
import {
  type Open,
  openGrpcServer,
  openVerificationClient,
  protocolVersion,
  type VerificationClient,
  type VerificationHandler,
  verificationService,
} from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import { afterEach, expect, test } from "vitest";
import { openRemoteVerifier, type RemoteTimeouts } from "./remote-verifier.ts";
import type { VerifierPool } from "./verifier-pool.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});

type Verify = VerificationHandler["verify"];
type Send = Parameters<Verify>[1];
const vocabulary = { size: 10, digest: "d", tokenizerDigest: "t" };
const promptTokenIds = [1, 2, 3];

/** A verifier that does as it is told with each session: what it throws ends the stream. */
async function startVerifier(
  serve: (opened: Open, send: Send, signal: AbortSignal) => Promise<void>,
) {
  const seen = { opens: [] as Open[], numEnded: 0 };
  const verify: Verify = async (receive, send, { signal }) => {
    try {
      const request = await receive();
      if (request?.type !== "open") return;
      seen.opens.push(request);
      await serve(request, send, signal);
    } finally {
      seen.numEnded++;
    }
  };
  const limits = { maxMessageBytes: 1 << 20 };
  const describe = () => ({ limits, eosTokenIds: [], defaultSampling: {} }) as never;
  const getTokenizer = async () => new Uint8Array();
  const server = await openGrpcServer({ listen: "127.0.0.1:0" }, [
    verificationService({ describe, getTokenizer, verify }, 1_000),
  ]);
  open.push(() => server.close());
  const client = openVerificationClient({ address: server.address });
  open.push(() => client.close());
  await client.describe(10_000).catch(() => {}); // connects, so that no wait is for that
  return { client, seen };
}

const opened = { type: "opened", queueMs: 0, verifyMs: 0, numForwards: 1 } as const;
const facts = { queueMs: 0, verifyMs: 1, batchSize: 1, logprobs: [], topLogprobs: [] };
const plain = { numJudged: 0, numAccepted: 0 };
const lengthOf = ({ promptTokenIds, committedTokenIds }: Open) =>
  promptTokenIds.length + committedTokenIds.length;

/** Commits a token for each position from where the text stands: its own number. */
async function commitTo(send: Send, request: Open, count: number): Promise<void> {
  for (let position = lengthOf(request); count > 0; position++, count--) {
    const commit: Commit = { position, tokenIds: [position], ...plain };
    await send({ type: "commit", commit, facts });
  }
}

/** How a target computes prompt and round: a piece each so often, then the answer; or never any. */
interface Pace {
  readonly everyMs: number;
  readonly numPrefillPieces: number;
  readonly numRoundPieces: number;
}
const stuck = 0;

/** A verifier whose target is slow, or stuck. */
function startSlowVerifier({ everyMs, numPrefillPieces, numRoundPieces }: Pace) {
  return startVerifier(async (request, send, signal) => {
    const work = async (numPieces: number) => {
      for (let piece = 0; piece < numPieces; piece++) {
        await sleep(everyMs, undefined, { signal });
        await send({ type: "progress" });
      }
      if (numPieces === stuck) await new Promise((_, reject) => (signal.onabort = reject));
    };
    await work(numPrefillPieces);
    await send(opened);
    await work(numRoundPieces);
    await commitTo(send, request, 1);
  });
}

/** What becomes of a text at these verifiers, asked in turn. */
async function decodeAt(
  clients: readonly VerificationClient[],
  timeouts: RemoteTimeouts,
  { maxTokens = 1, signal }: { maxTokens?: number; signal?: AbortSignal } = {},
) {
  let turn = 0;
  const said: string[] = [];
  const say = (what: string) => (verifier: VerificationClient) => {
    said.push(`${what} ${clients.indexOf(verifier)}`);
  };
  const pool = {
    ...{ description: { numTokenIds: 10 }, numUsable: clients.length, hasRested: false },
    pick: () => clients[turn++ % clients.length],
    worked: say("worked"),
    failed: say("failed"),
    exclude: say("exclude"),
  } as unknown as VerifierPool;
  const logged: string[] = [];
  const log = (_: object, message: string) => logged.push(message);
  const logger = { warn: log, info: log, debug() {} } as unknown as Logger;
  const reopened: (string | undefined)[] = [];
  const terms = {
    ...{ sessionId: "s", protocolVersion: protocolVersion, vocabulary, modelId: "m" },
    ...{ promptTokenIds, sampling: defaultSamplingParams, seed: 1, maxTokens, endTokenIds: [] },
    ...{ verification: "shared-noise" as const, wantsLogprobs: false, numTopLogprobs: 0 },
    edgeDraftsOnly: false,
    weights: "f32",
    numSuccessors: 0,
  };
  const onReopen = (why: AdaedlError | undefined) => reopened.push(why?.code);
  const traffic = { bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 };
  const options = { ...timeouts, onReopen, traffic };
  const verifier = openRemoteVerifier(pool, terms, options, logger, { deadlineMs: undefined });
  const request = {
    ...{ promptTokenIds, maxTokens, contextLength: 100, numTokenIds: 10 },
    ...{ stopTokenIds: new Set<number>(), stopStrings: [] },
  };
  const tokenIds: number[] = [];
  for await (const event of decode(request, { verifier, now: () => performance.now() }, signal))
    if (event.type === "token") tokenIds.push(event.tokenId);
  return { tokenIds, reopened, said, logged, traffic };
}

/** Pieces take a twentieth of it, so that a busy machine does not count as a stuck target. */
const impatient = { openMs: 800, roundMs: 800, giveUpMs: 1_000 };
const patient = { openMs: 10_000, roundMs: 10_000, giveUpMs: 10_000 };

test.each([
  ["prompt", { everyMs: 40, numPrefillPieces: 30, numRoundPieces: 1 }],
  ["round", { everyMs: 40, numPrefillPieces: 1, numRoundPieces: 30 }],
])("a %s that takes longer than every timeout is computed once", async (_, pace) => {
  const { client, seen } = await startSlowVerifier(pace);
  expect(await decodeAt([client], impatient)).toMatchObject({ tokenIds: [3], reopened: [] });
  expect(seen.opens).toHaveLength(1);
});

test.each([
  ["prompt", { everyMs: 1, numPrefillPieces: stuck, numRoundPieces: 1 }],
  ["round", { everyMs: 1, numPrefillPieces: 1, numRoundPieces: stuck }],
])("a target that is stuck in a %s is left for another one", async (_, pace) => {
  const [hung, alive] = [
    await startSlowVerifier(pace),
    await startSlowVerifier({ everyMs: 1, numPrefillPieces: 1, numRoundPieces: 1 }),
  ];
  const startedAt = performance.now();
  expect(await decodeAt([hung.client, alive.client], impatient)).toMatchObject({
    tokenIds: [3],
    reopened: ["deadline_exceeded"],
    said: ["failed 0", "worked 1"],
  });
  expect(performance.now() - startedAt).toBeGreaterThan(790);
  await expect.poll(() => hung.seen.numEnded, { timeout: 5_000 }).toBe(1);
});

test("a request whose verifier is stuck is given up", async () => {
  const { client, seen } = await startSlowVerifier({
    ...{ everyMs: 1, numPrefillPieces: stuck, numRoundPieces: 1 },
  });
  await expect(decodeAt([client], impatient)).rejects.toMatchObject({
    code: "unavailable",
    message:
      "no verifier could serve the request: the verifier sent neither an answer nor progress for 800 ms",
  });
  expect(seen.opens).toHaveLength(2); // twice in any case
});

test("a client that goes away ends the work, progress or not", async () => {
  const { client, seen } = await startSlowVerifier({
    ...{ everyMs: 20, numPrefillPieces: 1_000, numRoundPieces: 1 },
  });
  const decoding = decodeAt([client], impatient, { signal: AbortSignal.timeout(400) });
  await expect(decoding).rejects.toMatchObject({ code: "deadline_exceeded" });
  // It is told so, and as it does not listen, its stream is reset a second later.
  await expect.poll(() => seen.numEnded, { timeout: 5_000 }).toBe(1);
  expect(seen.opens).toHaveLength(1);
});

test("a text goes on where it stands, however often its session is lost", async () => {
  let numLeft = 2;
  const failing = await startVerifier(async (request, send) => {
    await send(opened);
    await commitTo(send, request, 2);
    if (numLeft-- > 0) throw new AdaedlError("unavailable", "the target broke");
  });
  const { client, seen } = failing;
  const { tokenIds, traffic, ...rest } = await decodeAt([client], patient, { maxTokens: 6 });
  expect(tokenIds).toEqual([3, 4, 5, 6, 7, 8]);
  expect(rest).toEqual({
    reopened: ["unavailable", "unavailable"],
    said: ["worked 0", "failed 0", "worked 0", "failed 0", "worked 0"],
    logged: Array(2).fill(["the verifier failed the session", "the session goes on"]).flat(),
  });
  expect(seen.opens.map(({ committedTokenIds }) => committedTokenIds)).toEqual([
    ...[[], [3, 4], [3, 4, 5, 6]],
  ]);
  expect(seen.opens.map(lengthOf)).toEqual([3, 5, 7]);
  expect(traffic.bytesDown).toBeGreaterThan(3 * 20); // of all three sessions
  expect(traffic.bytesUp).toBeGreaterThan(3 * 40);
});

test.each([
  ["not_found", []],
  ["aborted", []],
  ["unavailable", ["failed 0"]],
  ["internal", ["failed 0"]],
  ["failed_precondition", ["exclude 0"]],
] as const)("of a verifier that says %s the pool hears %j", async (code, expected) => {
  const [bad, good] = await Promise.all([
    startVerifier(async () => {
      throw new AdaedlError(code, "broken");
    }),
    startVerifier(async (request, send) => {
      await send(opened);
      await commitTo(send, request, 1);
    }),
  ]);
  const { said, reopened, logged } = await decodeAt([bad.client, good.client], patient);
  expect(said).toEqual([...expected, "worked 1"]);
  expect(reopened).toEqual([code]);
  expect(logged).toEqual(["the verifier failed the session", "the session goes on"]);
});

test("a text names the numerics of the target that committed last, none before", async () => {
  let numOpened = 0;
  // The second is another target and commits nothing, the third does not name its numerics.
  const answers = [
    { numerics: "aa", numCommitted: 1 },
    { numerics: "bb", numCommitted: 0 },
    { numerics: "", numCommitted: 1 },
    { numerics: "cc", numCommitted: 1 },
    { numerics: "cc", numCommitted: 1 },
  ];
  const { client, seen } = await startVerifier(async (request, send) => {
    const { numerics, numCommitted } = answers[numOpened++] ?? { numerics: "", numCommitted: 0 };
    await send({ ...opened, numerics });
    await commitTo(send, request, numCommitted);
    throw new AdaedlError("aborted", "moved");
  });
  const { tokenIds } = await decodeAt([client], patient, { maxTokens: 4 });
  expect(tokenIds).toEqual([3, 4, 5, 6]);
  expect(seen.opens.map(({ numerics }) => numerics)).toEqual(["", "aa", "aa", "aa", "cc"]);
});

test("a verifier that refuses a text's numerics is not left out: others may begin there", async () => {
  const [strict, other] = await Promise.all([
    startVerifier(async () => {
      throw new AdaedlError("failed_precondition", "numerics must be the verifier's", {
        field: "numerics",
      });
    }),
    startVerifier(async (request, send) => {
      await send(opened);
      await commitTo(send, request, 1);
    }),
  ]);
  const { said, reopened } = await decodeAt([strict.client, other.client], patient);
  expect({ said, reopened }).toEqual({ said: ["worked 1"], reopened: ["failed_precondition"] });
});

test("a verifier that commits nonsense has not worked, and is not tried for ever", async () => {
  const { client, seen } = await startVerifier(async (_, send, signal) => {
    await send(opened);
    const commit: Commit = { position: 50, tokenIds: [1], ...plain };
    await send({ type: "commit", commit, facts });
    await new Promise((_, reject) => (signal.onabort = reject));
  });
  await expect(decodeAt([client], { ...patient, giveUpMs: 200 })).rejects.toMatchObject({
    code: "unavailable",
    message:
      "no verifier could serve the request: the verifier committed from position 50, the text has 3 tokens",
  });
  expect(seen.opens.length).toBeGreaterThan(2);
});

test("that the verifiers are busy is for the client to know, with when to come again", async () => {
  const { client, seen } = await startVerifier(async () => {
    throw new AdaedlError("resource_exhausted", "8 sessions are open", { retryAfterMs: 150 });
  });
  await expect(decodeAt([client], { ...patient, giveUpMs: 100 })).rejects.toMatchObject({
    ...{ code: "resource_exhausted", message: "8 sessions are open", retryAfterMs: 150 },
  });
  expect(seen.opens).toHaveLength(2);
});
