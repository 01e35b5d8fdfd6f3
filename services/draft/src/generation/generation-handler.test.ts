import { once } from "node:events";
import { examplePair } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import {
  type GenerateRequest,
  openGenerationClient,
  openGrpcServer,
  protocolVersion,
  type VerifierDescription,
  verificationService,
} from "@adaedl/protocol";
import { createLogger } from "@adaedl/telemetry";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type RunningDraftService, startDraftService } from "../start-draft-service.ts";

const logger = createLogger("test", "silent");
const storyteller = examplePair("storyteller");
const open: AsyncDisposable[] = [];
afterAll(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** How long its sessions are waited for, as a verifier is told. */
let deadlines: (number | undefined)[] = [];
/** What ended them. */
let ends: string[] = [];
let isFailing = false;
let service: RunningDraftService;
let verifierAddress: string;
beforeEach(() => {
  deadlines = [];
  ends = [];
  isFailing = false;
});

beforeAll(async () => {
  const description = await describeTarget();
  const server = await openGrpcServer({ listen: "127.0.0.1:0" }, [
    verificationService(
      {
        describe: () => description,
        getTokenizer: async () => new Uint8Array(),
        // Takes sessions, and lets them wait for their first token until they go.
        async verify(receive, send, context) {
          deadlines.push(context.deadlineMs);
          context.signal.addEventListener("abort", () => ends.push("abort"), { once: true });
          if (isFailing && deadlines.length === 1) throw new Error("broken");
          await receive();
          await send({ type: "opened", queueMs: 0, verifyMs: 0, numForwards: 1 });
          for (let next = await receive(); next !== undefined; next = await receive())
            if (next.type === "cancel") {
              ends.push("cancel");
              return;
            }
          await once(context.signal, "abort");
        },
      },
      1_000,
    ),
  ]);
  open.push(server);
  verifierAddress = server.address;
  service = await startWith("static:2");
});

async function startWith(policy: string): Promise<RunningDraftService> {
  const started = await startDraftService(
    {
      listen: "127.0.0.1:0",
      draft: { directory: storyteller.draft, numThreads: 1 },
      verifiers: [verifierAddress],
      policy,
      maxRequests: 8,
      timeouts: { openMs: 10_000, roundMs: 10_000, giveUpMs: 20_000 },
      writeTimeoutMs: 1_000,
    },
    logger,
  );
  open.push(started);
  return started;
}

async function describeTarget(): Promise<VerifierDescription> {
  const { vocabSize, digests } = await loadTokenizer(storyteller.target);
  return {
    modelId: "target",
    protocolVersion: protocolVersion,
    vocabulary: {
      size: vocabSize,
      digest: digests.parts.vocabulary,
      tokenizerDigest: digests.all,
    },
    tokenizerParts: digests.parts,
    numTokenIds: vocabSize,
    contextLength: 512,
    eosTokenIds: [0],
    defaultSampling: {},
    limits: {
      maxDraftLength: 8,
      maxSessions: 8,
      maxClientTokens: 10_000,
      maxMessageBytes: 1 << 20,
      idleTimeoutMs: 60_000,
    },
    numParameters: 1_000,
    emulatedForwardMs: "",
    weights: "f32",
    numerics: "",
    requiresSameNumerics: false,
  };
}

/** Asks for a text that never comes. */
async function generate(signal?: AbortSignal, timeoutMs?: number): Promise<void> {
  const client = openGenerationClient({ address: service.address });
  try {
    const request = { prompt: { type: "text", text: "Once" }, seed: 1 } as const;
    for await (const _ of client.generate(request, signal, { timeoutMs }));
  } finally {
    client.close();
  }
}

test("a client's deadline is told to the verifier, and its end is a word, not a reset", async () => {
  const generating = generate(undefined, 2_000);
  await expect(generating).rejects.toMatchObject({ code: "deadline_exceeded" });
  expect(deadlines).toHaveLength(1);
  // A second more than the client waits, for that word.
  expect(deadlines[0]).toBeGreaterThan(1_000);
  expect(deadlines[0]).toBeLessThanOrEqual(3_001);
  await expect.poll(() => ends).toEqual(["cancel", "abort"]); // the latter with the call's end
});

test("the verifier that a session moves to is told what is left of the time", async () => {
  isFailing = true;
  const controller = new AbortController();
  const generating = generate(controller.signal, 60_000);
  await expect.poll(() => deadlines.length).toBe(2);
  controller.abort();
  await expect(generating).rejects.toMatchObject({ code: "cancelled" });
  const [first = 0, second = 0] = deadlines;
  expect(first).toBeGreaterThan(50_000);
  expect(second).toBeLessThanOrEqual(first + 1); // the library rounds
  expect(second).toBeGreaterThan(50_000);
});

test("without a deadline the verifier is told of none", async () => {
  const controller = new AbortController();
  const generating = generate(controller.signal);
  await expect.poll(() => deadlines.length).toBe(1);
  controller.abort();
  await expect(generating).rejects.toMatchObject({ code: "cancelled" });
  expect(deadlines).toEqual([undefined]);
});

test("a default policy that looks at the drafted token is refused where rejection is asked for", async () => {
  const { address } = await startWith("confidence");
  const client = openGenerationClient({ address });
  const request = { prompt: { type: "text", text: "Once" }, verification: "rejection" } as const;
  const firstOf = async (policy?: string) => {
    for await (const event of client.generate({ ...request, policy })) return event;
    return undefined;
  };
  await expect(firstOf()).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringMatching(
      /^policy looks at the drafted token, .* shared-noise only, got "confidence:?/,
    ),
  });
  expect(deadlines).toEqual([]); // no verifier was bothered
  expect(await firstOf("adaedl")).toMatchObject({ type: "started", verification: "rejection" });
  client.close();
});

test("without a policy rejection is served in rounds where streams are the default", async () => {
  const { address } = await startWith("stream");
  const client = openGenerationClient({ address });
  const prompt = { type: "text", text: "Once" } as const;
  const policyOf = async (more: Partial<GenerateRequest>) => {
    for await (const event of client.generate({ prompt, ...more })) {
      if (event.type === "started") return event.policy;
    }
    return undefined;
  };
  expect(await policyOf({})).toMatch(/^stream:/);
  expect(await policyOf({ verification: "rejection" })).toMatch(/^adaedl:/);
  expect(await policyOf({ verification: "rejection", policy: "none" })).toBe("none");
  expect(await policyOf({ maxDraft: 0 })).toBe("none");
  await expect(policyOf({ verification: "rejection", policy: "stream" })).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringMatching(
      /^policy drafts while the target decodes, .* shared-noise only, got "stream:/,
    ),
  });
  client.close();
});
