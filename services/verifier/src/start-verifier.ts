import { basename } from "node:path";
import { createMemoryQueue } from "@adaedl/batching";
import type { AdaedlError } from "@adaedl/core";
import {
  createTargetEngine,
  type ModelThread,
  type ModelThreadOptions,
  openModelThread,
  readTargetFacts,
} from "@adaedl/engine";
import {
  maxMessageBytes,
  openGrpcServer,
  protocolVersion,
  type TlsFiles,
  type VerifierDescription,
  verificationService,
} from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import { createAdmission } from "./ingress/admission.ts";
import type { IngressParts } from "./ingress/ingress-parts.ts";
import { serveSession } from "./ingress/session.ts";
import { type TargetAnswer, type TargetJob, targetWorker } from "./worker/target-worker.ts";
import { watchThread } from "./worker/watch-thread.ts";

/** Everything a verifier can be told; `adaedl serve verifier --help` explains each. */
export interface VerifierOptions {
  readonly listen: string;
  readonly target: ModelThreadOptions;
  readonly tls?: TlsFiles | undefined;
  readonly tokensFile?: string | undefined;
  readonly maxSessions: number;
  readonly maxQueuedRounds: number;
  readonly maxClientTokens: number;
  /** Longest draft of a round, 1 to 64. */
  readonly maxDraftLength: number;
  /** Sessions that have rows in memory, and bytes of all those rows. */
  readonly maxSlots: number;
  readonly cacheBytes: number;
  /** Tokens and sessions of one step. */
  readonly stepTokens: number;
  readonly stepSessions: number;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** A verifier that serves. */
export interface RunningVerifier extends AsyncDisposable {
  readonly address: string;
  readonly description: VerifierDescription;
  /** Resolves when the target model is lost: nothing can be served any more. */
  readonly failed: Promise<AdaedlError>;
  /** For logs, tests and metrics. */
  status(): VerifierStatus;
  /** Health says NOT_SERVING, new sessions are refused, running ones have `timeoutMs` to finish. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

export interface VerifierStatus {
  readonly numSessions: number;
  readonly numSlots: number;
  readonly numQueued: number;
  readonly numEvicted: number;
  readonly cacheBytesUsed: number;
  readonly numSteps: number;
}

/**
 * Opens the target model and listens.
 * @throws AdaedlError when the model cannot be run or the address not be listened on; nothing is left
 *   open then
 */
export async function startVerifier(
  options: VerifierOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<RunningVerifier> {
  const { target, maxSlots, cacheBytes, stepTokens, stepSessions } = options;
  const modelFacts = await readTargetFacts(target.directory);
  const thread = await openModelThread(target, signal);
  try {
    const facts = { ...modelFacts, contextLength: longestSession(thread, cacheBytes) };
    if (facts.contextLength < modelFacts.contextLength)
      logger.warn(
        { contextLength: facts.contextLength, modelContextLength: modelFacts.contextLength },
        "the cache is smaller than one session of the model's whole context: sessions are limited",
      );
    const watched = watchThread(thread);
    const engine = createTargetEngine(watched.thread, {
      step: { maxTokens: stepTokens, maxSlots: stepSessions },
      cacheBytes,
      maxSessions: maxSlots,
      longestDraft: options.maxDraftLength,
    });
    const queue = createMemoryQueue<TargetJob, TargetAnswer>(targetWorker(engine), {
      maxQueued: options.maxQueuedRounds,
      maxRunning: maxSlots,
    });
    const admission = createAdmission(options);
    const { maxDraftLength, maxSessions, maxClientTokens, idleTimeoutMs } = options;
    const limits = { maxDraftLength, maxSessions, maxClientTokens, maxMessageBytes, idleTimeoutMs };
    const { tokenizer } = facts;
    const description: VerifierDescription = {
      modelId: basename(target.directory),
      protocolVersion,
      vocabulary: {
        size: tokenizer.vocabSize,
        digest: tokenizer.vocabularyDigest,
        tokenizerDigest: tokenizer.digest,
      },
      numTokenIds: facts.vocabSize,
      contextLength: facts.contextLength,
      eosTokenIds: facts.eosTokenIds,
      defaultSampling: facts.defaultSampling,
      limits,
    };
    const parts: IngressParts = {
      description,
      facts,
      queue,
      admission,
      limits,
      closeSession: (sessionId) => engine.close(sessionId),
      logger,
    };
    const service = verificationService(
      {
        describe: () => description,
        verify: (receive, send, context) => serveSession(parts, receive, send, context),
      },
      options.writeTimeoutMs,
    );
    const server = await openGrpcServer(options, [service]);
    server.setServing(true);
    const failed = watched.lost.then((error) => {
      server.setServing(false);
      return error;
    });

    let ended: Promise<void> | undefined;
    const end = (endServer: () => Promise<void>) => {
      admission.drain();
      ended ??= endServer().then(() => {
        queue.close();
        return thread.close();
      });
      return ended;
    };
    const close = async () => {
      await server.close(); // also in the middle of a drain
      await end(async () => {});
    };
    return {
      address: server.address,
      description,
      failed,
      status: () => ({
        numSessions: admission.numSessions,
        numSlots: engine.numSessions,
        numQueued: queue.numQueued,
        numEvicted: engine.numEvicted,
        cacheBytesUsed: engine.cacheBytesUsed,
        numSteps: watched.numSteps(),
      }),
      drain: (timeoutMs) => end(() => server.drain(timeoutMs)),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/** Longest session that both the model's context and the memory for rows have room for. */
function longestSession({ info }: ModelThread, cacheBytes: number): number {
  const { contextLength, rowBytes, rowBlock } = info;
  const numBlocks = Math.floor(cacheBytes / (rowBytes * rowBlock));
  return Math.min(contextLength, numBlocks * rowBlock);
}
