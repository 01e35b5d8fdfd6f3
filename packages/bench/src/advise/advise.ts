import { setMaxListeners } from "node:events";
import { createPolicyMemory, parsePolicy } from "@adaedl/core";
import { forwardMs } from "../policies/cost-model.ts";
import { longestTried } from "../policies/grid.ts";
import { type PlayResult, play } from "../policies/play.ts";
import { openPairThreads, type PairModels } from "../policies/tape/open-pair-threads.ts";
import { recordTape, type TapeOptions } from "../policies/tape/record-tape.ts";
import { performTape, type Tape } from "../policies/tape/tape.ts";
import { type BreakEven, furthestGain } from "./break-even.ts";
import { measureCosts } from "./measure-costs.ts";
import { costsOf, type KnownCosts, type PairCosts } from "./pair-costs.ts";

export interface AdviceOptions extends PairModels {
  /** From `planTexts`. */
  readonly texts: readonly TapeOptions[];
  readonly temperature: number;
  readonly rttMs: number;
  readonly known: KnownCosts;
}

/** What drafting gains for a pair over a network. */
export interface Advice {
  readonly costs: PairCosts;
  /** Plain decoding first, then the best static length at this distance, then what adapts. */
  readonly policies: readonly PolicyAdvice[];
  readonly breakEven: BreakEven;
}

export interface PolicyAdvice {
  readonly policy: string;
  readonly tokensPerSecond: number;
  /** Speed by that of plain streaming. */
  readonly timesPlain: number;
  readonly targetForwardsPer100Tokens: number;
}

/** Plays policies over what the models really say, on a clock of measured or known costs. */
export async function advise(options: AdviceOptions, signal: AbortSignal): Promise<Advice> {
  const { tapes, costs } = await readPair(options, signal);
  const { temperature, rttMs } = options;
  const performances = tapes.map((tape) => performTape(tape, longestTried));
  const run = (spec: string, distanceMs = rttMs) => {
    // One memory for all texts, as in a service: what learns carries it on to the next.
    const context = { memory: createPolicyMemory(), temperature };
    const createPolicy = () => parsePolicy(spec, { ...context, verification: "shared-noise" });
    return play(performances, { costs: { ...costs, rttMs: distanceMs }, createPolicy }, signal);
  };

  const plain = await run("none");
  let best: { spec: string; result: PlayResult } | undefined;
  for (let draftLength = 1; draftLength <= longestTried; draftLength++) {
    const spec = `static:${draftLength}`;
    const result = await run(spec);
    if (best === undefined || result.durationMs < best.result.durationMs) best = { spec, result };
  }
  const results = new Map([["none", plain]]);
  if (best !== undefined) results.set(best.spec, best.result);
  for (const spec of ["adaedl", "stream"]) results.set(spec, await run(spec));
  return {
    costs,
    policies: [...results].map(([policy, result]) => adviceOf(policy, result, plain)),
    breakEven: {
      ...besideVerifier(await run("stream", 0), await run("none", 0), costs),
      rttMs: await furthestGain(run),
    },
  };
}

function besideVerifier(stream: PlayResult, plain: PlayResult, costs: PairCosts) {
  const numForwards = stream.draftLengths.length;
  const totalMs = stream.draftLengths.reduce((sum, length) => sum + forwardMs(costs, length), 0);
  return {
    timesPlain: plain.durationMs / stream.durationMs,
    tokensPerForward: stream.numTokens / numForwards,
    verifyMs: totalMs / numForwards,
    plainMs: costs.plainMs,
  };
}

function adviceOf(policy: string, result: PlayResult, plain: PlayResult): PolicyAdvice {
  const { numTokens, numForwards, durationMs } = result;
  return {
    policy,
    tokensPerSecond: (1000 * numTokens) / durationMs,
    timesPlain: plain.durationMs / durationMs,
    targetForwardsPer100Tokens: (100 * numForwards) / numTokens,
  };
}

/** Everything that takes the models themselves. */
async function readPair(
  { texts, temperature, known, ...models }: AdviceOptions,
  signal: AbortSignal,
): Promise<{ tapes: Tape[]; costs: PairCosts }> {
  await using pair = await openPairThreads(models, signal);
  // Side by side: the texts share their steps. Each listens for the abort in each of its forwards.
  const shared = AbortSignal.any([signal]);
  setMaxListeners(0, shared);
  const tapes = await Promise.all(texts.map((text) => recordTape(pair, text, shared)));
  const given = costsOf(known);
  if (given !== undefined) return { tapes, costs: given };
  const measured = await measureCosts(pair, tapes[0] as Tape, temperature, signal);
  return { tapes, costs: costsOf(known, measured) ?? measured };
}
