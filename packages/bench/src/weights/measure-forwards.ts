import { defaultSamplingParams, Text } from "@adaedl/core";
import { type ModelThread, type ModelThreadOptions, openModelThread } from "@adaedl/engine";
import { median } from "../statistics.ts";
import { type ProcessMemory, processMemory, watchMemory } from "./process-memory.ts";

export interface ForwardsOptions
  extends Pick<ModelThreadOptions, "directory" | "weights" | "cacheDirectory" | "numThreads"> {
  /** Tokens before the rows of a forward; the first counts for `rowCounts` and `sessionCounts`. Ascending. */
  readonly contextLengths: readonly number[];
  /** Rows of a forward of one session. */
  readonly rowCounts: readonly number[];
  /** Sessions that have one row each in a forward. */
  readonly sessionCounts: readonly number[];
  readonly numRounds: number;
}

/** What a forward costs: processor time of all threads, in milliseconds, median. */
export interface ForwardTime {
  readonly contextLength: number;
  readonly numSessions: number;
  /** Of each session. */
  readonly numRows: number;
  readonly ms: number;
}

/** What it takes until a model can be asked. */
export interface Opening {
  /** By the clock. */
  readonly ms: number;
  /** Of all threads. */
  readonly processorMs: number;
  /** The most that was the process's own memory. */
  readonly peakBytes?: number | undefined;
}

/** What a model costs that is alone in its process. */
export interface ForwardsResult {
  readonly opening: Opening;
  /** After the forwards of one session at the first context. */
  readonly memory?: ProcessMemory | undefined;
  /** After the forwards of all sessions. */
  readonly sessionsMemory?: ProcessMemory | undefined;
  /** Decoding one after the other, in tokens a second of processor time. */
  readonly tokensPerSecond: number;
  readonly forwards: readonly ForwardTime[];
}

/** Tokens that are decoded one after the other. */
const numDecoded = 32;
/** Tokens of a forward that computes a context. */
const chunkSize = 256;

/** Opens a model and measures its forwards. Memory is measured for the whole process, so nothing else should be open. */
export async function measureForwards(
  { contextLengths, rowCounts, sessionCounts, numRounds, ...model }: ForwardsOptions,
  signal: AbortSignal,
): Promise<ForwardsResult> {
  const startedAt = performance.now();
  const [opened, peakBytes] = await watchMemory(() =>
    processorMs(() => openModelThread(model, signal)),
  );
  const [thread, openMs] = opened;
  const opening = { ms: performance.now() - startedAt, processorMs: openMs, peakBytes };
  try {
    const forwards: ForwardTime[] = [];
    const measure = async (sessions: readonly Session[], rows: readonly number[]) => {
      const contextLength = sessions[0]?.length ?? 0;
      const times = await timesOf(thread, sessions, rows, numRounds, signal);
      rows.forEach((numRows, index) => {
        const ms = times[index] as number;
        forwards.push({ contextLength, numSessions: sessions.length, numRows, ms });
      });
    };
    const [firstLength = 1, ...longer] = contextLengths;
    const first = await openSession(thread, signal);
    await first.extend(firstLength);
    await measure([first], rowCounts);
    const tokenMs = await first.decode(numDecoded);
    const memory = await processMemory();

    const sessions = [first];
    for (const count of sessionCounts) {
      if (count === 1 && rowCounts.includes(1)) continue; // measured above
      while (sessions.length < count) {
        const session = await openSession(thread, signal);
        await session.extend(firstLength);
        sessions.push(session);
      }
      await measure(sessions.slice(0, count), [1]);
    }
    const sessionsMemory = await processMemory();
    for (const session of sessions.slice(1)) await thread.closeSlot(session.slotId);
    for (const length of longer) {
      await first.extend(length);
      await measure([first], [1]);
    }
    return { opening, memory, sessionsMemory, tokensPerSecond: 1000 / tokenMs, forwards };
  } finally {
    await thread.close();
  }
}

type Session = Awaited<ReturnType<typeof openSession>>;

/** A slot with some text. */
async function openSession(thread: ModelThread, signal: AbortSignal) {
  const sampling = { ...defaultSamplingParams, temperature: 0 };
  const settings = { sampling, seed: 1, numPromptTokens: 1, verification: "shared-noise" } as const;
  const slotId = await thread.openSlot(settings, signal);
  const text = new Text();
  const stepOf = (tokenIds: readonly number[], readsRows: boolean) => ({
    ...{ slotId, keep: text.fence(), tokenIds, roundStart: text.length },
    reads: readsRows ? tokenIds.map((_, index) => ({ kind: "judge", index }) as const) : [],
  });
  const run = async (step: ReturnType<typeof stepOf>) => {
    await forward(thread, [step], signal);
    for (const tokenId of step.tokenIds) text.append(tokenId);
  };
  const nextTokenIds = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      return ((text.length + index + slotId) * 7919) % thread.info.vocabSize;
    });
  return {
    slotId,
    get length() {
      return text.length;
    },
    /** A forward of rows behind the text, which are not kept. */
    step: (numRows: number) => stepOf(nextTokenIds(numRows), true),
    /** Makes the text so long. */
    async extend(length: number) {
      while (text.length < length)
        await run(stepOf(nextTokenIds(Math.min(chunkSize, length - text.length)), false));
    },
    /** Tokens that come one after the other, and are given back. @returns the time of one, median */
    async decode(count: number) {
      const { length } = text;
      const times: number[] = [];
      for (let i = 0; i < count; i++)
        times.push((await processorMs(() => run(stepOf(nextTokenIds(1), true))))[1]);
      text.truncate(length);
      return median(times);
    },
  };
}

/** Median of each kind of forward, all kinds in turn. */
async function timesOf(
  thread: ModelThread,
  sessions: readonly Session[],
  rowCounts: readonly number[],
  numRounds: number,
  signal: AbortSignal,
): Promise<number[]> {
  const times = rowCounts.map((): number[] => []);
  for (let round = 0; round <= numRounds; round++)
    for (const [index, count] of rowCounts.entries()) {
      const steps = sessions.map((session) => session.step(count));
      const [, ms] = await processorMs(() => forward(thread, steps, signal));
      if (round > 0) times[index]?.push(ms); // the first sets up memory
    }
  return times.map(median);
}

async function forward(
  thread: ModelThread,
  steps: Parameters<ModelThread["forward"]>[0],
  signal: AbortSignal,
): Promise<void> {
  for (const result of await thread.forward(steps, signal))
    if ("error" in result) throw new Error(result.error.message);
}

/** Of all threads of this process. */
async function processorMs<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1_000];
}
