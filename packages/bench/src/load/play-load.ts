import {
  createPolicyMemory,
  decode,
  longestDraftLength,
  parsePolicy,
  strategyOf,
} from "@adaedl/core";
import { TargetEngine } from "@adaedl/engine";
import type { CostModel } from "../policies/cost-model.ts";
import { slowed } from "../policies/play.ts";
import { modelsOf, type Tape } from "../policies/tape/tape.ts";
import { VirtualClock } from "../policies/virtual-clock.ts";
import { numTokenIds } from "../policies/virtual-target.ts";
import { quantile } from "../statistics.ts";
import { distantVerifier } from "./distant-verifier.ts";
import { createTapedThread } from "./taped-thread.ts";

export interface LoadOptions {
  readonly policy: string;
  readonly costs: CostModel;
  /** Sessions that are open all the time, each with a draft model of its own. */
  readonly numSessions: number;
  readonly temperature: number;
  /** On the clock, before anything is measured: what learns has then learnt. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** What one target gives many sessions. */
export interface LoadResult {
  /** Of all sessions. */
  readonly tokensPerSecond: number;
  /** Time of the target's forwards. */
  readonly targetMsPerToken: number;
  /** Between deliveries of one text: the 95th percentile. */
  readonly gapMs: number;
}

/**
 * Decodes texts in many sessions on one target by the virtual clock: production's driver at each edge, and
 * production's engine with its plans, prices and shares around a model that remembers the texts.
 */
export async function playLoad(
  tapes: readonly Tape[],
  options: LoadOptions,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { costs, numSessions, warmUpMs, measuredMs } = options;
  const clock = new VirtualClock();
  // A prompt takes no time: there is nothing to compute before its last token.
  const texts = tapes.map((tape) => ({ ...tape, promptTokenIds: tape.promptTokenIds.slice(-1) }));
  const thread = createTapedThread(texts, costs, clock);
  const engine = new TargetEngine(thread, {
    ...{ cacheBytes: Number.POSITIVE_INFINITY, maxSessions: numSessions },
    step: { maxTokens: 512, maxSlots: numSessions },
    now: () => clock.now,
  });
  const ending = new AbortController();
  const gaps: number[] = [];
  let numTokens = 0;
  const isMeasured = () => clock.now > warmUpMs && clock.now <= warmUpMs + measuredMs;
  const onTokens = (count: number, gapMs: number | undefined) => {
    if (!isMeasured()) return;
    numTokens += count;
    if (gapMs !== undefined) gaps.push(gapMs);
  };
  const until = AbortSignal.any([signal, ending.signal]);
  const sessions = Array.from({ length: numSessions }, (_, index) =>
    decodeOn(clock, engine, texts, index, options, onTokens, until).catch((error) => {
      if (!ending.signal.aborted) throw error;
    }),
  );
  const failing = Promise.all(sessions);
  await clock.runUntil(Promise.race([clock.sleep(warmUpMs), failing]));
  const busyBeforeMs = thread.busyMs;
  await clock.runUntil(Promise.race([clock.sleep(measuredMs), failing]));
  const busyMs = thread.busyMs - busyBeforeMs;
  ending.abort();
  await clock.runUntil(failing);
  return {
    tokensPerSecond: (1000 * numTokens) / measuredMs,
    targetMsPerToken: busyMs / numTokens,
    gapMs: quantile(gaps, 0.95),
  };
}

/** One text after the other, at an edge of its own. */
async function decodeOn(
  clock: VirtualClock,
  engine: TargetEngine,
  tapes: readonly Tape[],
  session: number,
  { policy, costs, temperature }: LoadOptions,
  onTokens: (count: number, gapMs: number | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  const memory = createPolicyMemory();
  await clock.sleep((session * 37.7) % 211); // they do not begin together
  for (let number = 0; ; number++) {
    const index = (session * 5 + number) % tapes.length;
    const tape = tapes[index] as Tape;
    const { promptTokenIds, tokenIds } = tape;
    const strategy = strategyOf(parsePolicy(policy, { memory, temperature }), longestDraftLength);
    const maxTokens = tokenIds.length;
    const contextLength = promptTokenIds.length + maxTokens;
    const text = { sessionId: `${session} ${number}`, seed: index, maxLength: contextLength };
    const events = decode(
      {
        ...{ promptTokenIds, maxTokens, contextLength, numTokenIds },
        ...{ stopTokenIds: new Set(), stopStrings: [], wantsDetails: true },
      },
      {
        verifier: distantVerifier(engine, clock, costs.rttMs, text),
        drafting: strategy && {
          strategy,
          drafters: [slowed(modelsOf(tape).drafter, clock, costs)],
        },
        now: () => clock.now,
      },
      signal,
    );
    let last: number | undefined;
    for await (const event of events) {
      if (event.type === "commit") {
        onTokens(event.numAccepted + 1, last === undefined ? undefined : clock.now - last);
        last = clock.now;
      }
    }
  }
}
