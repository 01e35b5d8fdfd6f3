import { basename } from "node:path";
import type { AdaedlError } from "@adaedl/core";
import {
  type ModelThread,
  type ModelThreadOptions,
  openModelThread,
  readTargetFacts,
  TargetEngine,
  withNumerics,
} from "@adaedl/engine";
import { countParameters, packTokenizer } from "@adaedl/model";
import { type Open, protocolVersion } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import type { Announcement } from "../announcement.ts";
import type { Meter } from "../meter.ts";
import type { VerifierOptions } from "../options.ts";
import { createNumericsWatch } from "./numerics-watch.ts";
import { watchThread } from "./watch-thread.ts";

/** The target model, open, with an engine on it. */
export interface OpenedTarget {
  readonly engine: TargetEngine;
  /** What it is, for those who ask. */
  readonly announcement: Announcement;
  /** Counts a session that began with other numerics. */
  compareNumerics(open: Open): void;
  /** Its tokenizer's files, compressed; read at the first call. */
  packTokenizer(): Promise<Uint8Array>;
  /** Resolves when the model is lost. */
  readonly lost: Promise<AdaedlError>;
  close(): Promise<void>;
}

/** @throws AdaedlError when the model cannot be run; nothing is left open then */
export async function openTarget(
  options: VerifierOptions,
  logger: Logger,
  { onStep, onOtherNumerics }: Meter,
  signal?: AbortSignal,
): Promise<OpenedTarget> {
  const { target, maxSlots, cacheBytes, stepTokens, stepSessions, maxDraftLength } = options;
  const failing = new AbortController();
  const ending = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  // Side by side: the tokenizer takes about as long as the model's thread. Without it, no model is converted.
  const [opened, read, counted] = await Promise.allSettled([
    openTargetThread(target, ending),
    readTargetFacts(target.directory).catch((error) => {
      failing.abort(error);
      throw error;
    }),
    countParameters(target.directory),
  ]);
  if (read.status === "rejected") {
    if (opened.status === "fulfilled") await opened.value.close();
    throw read.reason;
  }
  if (opened.status === "rejected") throw opened.reason;
  const numParameters = counted.status === "fulfilled" ? counted.value : 0;
  const [thread, facts] = [opened.value, read.value];
  const contextLength = longestSession(thread, cacheBytes);
  if (contextLength < facts.contextLength)
    logger.warn(
      { contextLength, modelContextLength: facts.contextLength },
      "the cache is smaller than one session of the model's whole context: sessions are limited",
    );
  const watched = watchThread(thread);
  const engine = new TargetEngine(watched.thread, {
    step: { maxTokens: stepTokens, maxSlots: stepSessions },
    cacheBytes,
    maxSessions: maxSlots,
    // Over Redis sessions wait there, for whichever worker has room first.
    maxWaiting: options.redis === undefined ? options.maxSessions : 0,
    longestDraft: maxDraftLength,
    forwardPriceMs: options.forwardPriceMs ?? 0,
    suffix: options.suffix,
    onStep,
  });
  const { tokenizer, vocabSize, eosTokenIds, defaultSampling } = facts;
  const { numerics = "" } = thread.info;
  let packed: Promise<Uint8Array> | undefined;
  return {
    engine,
    compareNumerics: createNumericsWatch(numerics, onOtherNumerics, logger),
    announcement: {
      modelId: basename(target.directory),
      protocolVersion: protocolVersion,
      vocabulary: {
        size: tokenizer.vocabSize,
        digest: tokenizer.digests.parts.vocabulary,
        tokenizerDigest: tokenizer.digests.all,
      },
      numTokenIds: vocabSize,
      contextLength,
      eosTokenIds,
      defaultSampling,
      maxDraftLength,
      numParameters,
      tokenizerParts: tokenizer.digests.parts,
      emulatedForwardMs: target.emulatedForwardMs ?? "",
      weights: thread.info.weights,
      numerics,
      requiresSameNumerics: options.requireSameNumerics ?? false,
    },
    packTokenizer() {
      packed ??= packTokenizer(target.directory).catch((error) => {
        packed = undefined; // read again at the next call
        throw error;
      });
      return packed;
    },
    lost: watched.lost,
    close: () => thread.close(),
  };
}

/** The model's thread, with the fingerprint of its arithmetic. */
async function openTargetThread(
  target: ModelThreadOptions,
  signal?: AbortSignal,
): Promise<ModelThread> {
  const thread = await openModelThread(target, signal);
  try {
    return await withNumerics(thread, signal);
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
