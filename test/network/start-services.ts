import {
  type DraftServiceOptions,
  type RunningDraftService,
  startDraftService,
} from "@adaedl/draft-service";
import { examplePair } from "@adaedl/example-models";
import {
  type GenerateRequest,
  type GenerationFinished,
  openGenerationClient,
} from "@adaedl/protocol";
import { createLogger } from "@adaedl/telemetry";
import { type RunningVerifier, startVerifier, type VerifierOptions } from "@adaedl/verifier";
import { inject } from "vitest";
import { startReplicas } from "./start-replicas.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** What a verifier is made of, by the project the tests run in. */
    topology: "memory" | "redis";
  }
}

const logger = createLogger("test", "silent");
export const storyteller = examplePair("storyteller");

/**
 * A verifier on a free port of this machine, in this process, with small waits. In the suites that are
 * run over Redis as well it is an ingress with several workers.
 */
export function startTestVerifier(
  options: Partial<VerifierOptions> = {},
): Promise<RunningVerifier> {
  if (inject("topology") === "redis")
    return startTestReplicas({ url: inject("redisUrl") }, options);
  return startVerifier(withDefaults(options), logger);
}

/** The same in several processes' worth of parts, which meet in this Redis. */
export function startTestReplicas(
  redis: Parameters<typeof startReplicas>[2],
  options: Partial<VerifierOptions> = {},
): Promise<RunningVerifier> {
  return startReplicas(withDefaults(options), logger, redis);
}

export function withDefaults(options: Partial<VerifierOptions>): VerifierOptions {
  return {
    listen: "127.0.0.1:0",
    target: { directory: storyteller.target, numThreads: 1 },
    maxSessions: 64,
    maxClientTokens: 1_000_000,
    maxDraftLength: 64,
    maxSlots: 64,
    cacheBytes: 1 << 30,
    stepTokens: 512,
    stepSessions: 8,
    idleTimeoutMs: 30_000,
    writeTimeoutMs: 10_000,
    ...options,
  };
}

/** A draft service in front of these verifiers. */
export function startTestDraftService(
  verifiers: readonly string[],
  options: Partial<DraftServiceOptions> = {},
): Promise<RunningDraftService> {
  return startDraftService(
    {
      listen: "127.0.0.1:0",
      draft: { directory: storyteller.draft, numThreads: 1 },
      verifiers,
      policy: "adaedl",
      maxRequests: 64,
      timeouts: { openMs: 10_000, roundMs: 5_000, giveUpMs: 20_000 },
      writeTimeoutMs: 10_000,
      ...options,
    },
    logger,
  );
}

/** What a client got from one generation. */
export interface Generated {
  readonly tokenIds: readonly number[];
  readonly text: string;
  readonly finished: GenerationFinished;
}

/** Asks a draft service for a text, and takes it to the end. @param onToken called with each token */
export async function generateAt(
  address: string,
  request: GenerateRequest,
  signal?: AbortSignal,
  onToken: () => void = () => {},
): Promise<Generated> {
  const client = openGenerationClient({ address });
  try {
    const tokenIds: number[] = [];
    let text = "";
    for await (const event of client.generate(request, signal)) {
      if (event.type === "finished") return { tokenIds, text, finished: event };
      if (event.type !== "token") continue;
      tokenIds.push(event.tokenId);
      text += event.text;
      onToken();
    }
    throw new Error("the generation ended without its last event");
  } finally {
    client.close();
  }
}
