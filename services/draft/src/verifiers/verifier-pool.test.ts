import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import {
  openGrpcServer,
  openVerificationClient,
  protocolVersion,
  type VerifierDescription,
  verificationService,
} from "@adaedl/protocol";
import { createLogger } from "@adaedl/telemetry";
import { afterEach, expect, test } from "vitest";
import { openVerifierPool } from "./verifier-pool.ts";

const logger = createLogger("test", "silent");
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

function descriptionOf(modelId: string): VerifierDescription {
  return {
    modelId,
    protocolVersion: protocolVersion,
    vocabulary: { size: 10, digest: "d", tokenizerDigest: "t" },
    numTokenIds: 10,
    contextLength: 100,
    eosTokenIds: [],
    defaultSampling: {},
    tokenizerParts: {},
    limits: {
      maxDraftLength: 8,
      maxSessions: 1,
      maxClientTokens: 100,
      maxMessageBytes: 1 << 20,
      idleTimeoutMs: 1_000,
    },
    numParameters: 1_000,
    emulatedForwardMs: "",
    weights: "f32",
    numerics: "",
    requiresSameNumerics: false,
  };
}

/** A server that describes itself and takes no sessions. */
async function serve(modelId: string, listen = "127.0.0.1:0") {
  const describe = () => descriptionOf(modelId);
  const server = await openGrpcServer({ listen }, [
    verificationService(
      { describe, getTokenizer: async () => new Uint8Array(), verify: async () => {} },
      1_000,
    ),
  ]);
  open.push(server);
  return server;
}

function clientOf(address: string) {
  const client = openVerificationClient({ address });
  open.push({ [Symbol.asyncDispose]: async () => client.close() });
  return client;
}

const fitsBig = async ({ modelId }: VerifierDescription) => {
  if (modelId !== "big")
    throw new AdaedlError("failed_precondition", `model is ${modelId}, not big`);
};

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

test("sessions go to the verifiers in turn; one that failed is left alone for a while", async () => {
  const clients = [clientOf((await serve("big")).address), clientOf((await serve("big")).address)];
  const [first, second] = clients;
  const pool = await openVerifierPool(clients, fitsBig, logger);
  expect(pool.description.modelId).toBe("big");
  expect(pool.roundTripMs).toBeGreaterThan(0);
  expect(new Set([pool.pick(), pool.pick()])).toEqual(new Set(clients));
  if (first === undefined || second === undefined) throw new Error("two clients");
  pool.failed(first);
  expect([pool.pick(), pool.pick(), pool.pick()]).toEqual([second, second, second]);
  pool.failed(second);
  expect(pool.pick()).toBe(first); // both have failed: the one whose failure is longest ago
  pool.worked(second);
  expect(pool.pick()).toBe(second);
});

test("waits for a verifier that is started later", async () => {
  const address = await freeAddress();
  const waiting = openVerifierPool([clientOf(address)], fitsBig, logger);
  await sleep(300);
  await serve("big", address);
  expect((await waiting).description.modelId).toBe("big");
});

test("a verifier that runs something else is excluded; when all do, that is the error", async () => {
  const other = clientOf((await serve("other")).address);
  const big = clientOf((await serve("big")).address);
  const pool = await openVerifierPool([other, big], fitsBig, logger);
  expect([pool.pick(), pool.pick()]).toEqual([big, big]);
  await expect(openVerifierPool([other], fitsBig, logger)).rejects.toMatchObject({
    code: "failed_precondition",
    message: "model is other, not big",
  });
  pool.exclude(big, new AdaedlError("failed_precondition", "it was replaced"));
  expect(() => pool.pick()).toThrow("it was replaced");
});

test("waiting ends with its signal", async () => {
  const controller = new AbortController();
  const address = await freeAddress();
  const waiting = openVerifierPool([clientOf(address)], fitsBig, logger, controller.signal);
  setTimeout(() => controller.abort(), 100);
  await expect(waiting).rejects.toThrow();
});
