import {
  createPolicyMemory,
  invalidField,
  type PolicyContext,
  parsePolicy,
  type StoppingPolicy,
} from "@adaedl/core";
import { fitAcceptance, memoryOf } from "./causal-predictor.ts";
import type { Cell } from "./cell.ts";
import type { CostModel } from "./cost-model.ts";
import { type Grid, longestTried } from "./grid.ts";
import type { Performance } from "./performance.ts";
import { type PlayResult, play } from "./play.ts";
import type { Preset } from "./presets.ts";
import { performWithForesight } from "./tape/oracle.ts";
import { performTape, type Tape } from "./tape/tape.ts";
import { durationOf } from "./virtual-clock.ts";

/** Texts of one pair at one temperature under one rule, ready to be decoded again and again. */
export interface Repertoire {
  readonly pair: string;
  readonly temperature: number;
  readonly verification: "shared-noise" | "rejection";
  readonly performances: readonly Performance[];
  /** Under shared noise; what needs to know the target's text in advance can do without nothing less. */
  readonly tapes?: readonly Tape[] | undefined;
}

/** Conditions of a cell but for the policy. */
interface Conditions {
  readonly preset: Preset;
  readonly rttMs: number;
  readonly maxDraftLength: number | undefined;
}

/** By policy and cap: of policies whose rounds are the same whatever time they take. */
type TimelessResults = Map<string, PlayResult>;

/** How many cells `compareOn` will make, for a progress bar. */
export function numCells(grid: Grid): number {
  return conditionsOf(grid).length * policiesOf(grid).length;
}

/**
 * Plays every policy of the grid on one repertoire by the virtual clock. Within a cell the texts follow
 * each other as in a service's life: what learns carries what it has learnt on to the next text.
 */
export async function compareOn(
  repertoire: Repertoire,
  grid: Grid,
  onCell: () => void,
  signal: AbortSignal,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  const timeless: TimelessResults = new Map();
  const { pair, temperature, verification } = repertoire;
  for (const conditions of conditionsOf(grid)) {
    const { preset, rttMs, maxDraftLength } = conditions;
    for (const { policy, forwardPriceMs } of policiesOf(grid)) {
      const result = await playPolicy(
        policy,
        forwardPriceMs,
        repertoire,
        conditions,
        timeless,
        signal,
      );
      onCell();
      if (result === undefined) continue;
      const per100 = (count: number) => (100 * count) / result.numTokens;
      cells.push({
        ...{
          pair,
          policy,
          verification,
          preset: preset.name,
          clock: "virtual",
          rttMs,
          temperature,
        },
        maxDraftLength,
        forwardPriceMs,
        tokensPerSecond: (1000 * result.numTokens) / result.durationMs,
        roundTripsPer100Tokens: per100(result.numRoundTrips),
        targetForwardsPer100Tokens: per100(result.numForwards),
        numDrafted: result.numDrafted,
        numAccepted: result.numAccepted,
        numTokens: result.numTokens,
      });
    }
  }
  return cells;
}

function conditionsOf({ presets, rttsMs, maxDraftLengths }: Grid): Conditions[] {
  return presets.flatMap((preset) =>
    (rttsMs ?? preset.rttsMs).flatMap((rttMs) =>
      maxDraftLengths.map((maxDraftLength) => ({ preset, rttMs, maxDraftLength })),
    ),
  );
}

/** `adaedl-rate` once for each price. */
function policiesOf({ policies, forwardPricesMs }: Grid) {
  return policies.flatMap((policy): { policy: string; forwardPriceMs?: number }[] =>
    policy === "adaedl-rate"
      ? forwardPricesMs.map((forwardPriceMs) => ({ policy, forwardPriceMs }))
      : [{ policy }],
  );
}

/** Undefined where the policy cannot be played under this rule. */
async function playPolicy(
  policy: string,
  forwardPriceMs: number | undefined,
  repertoire: Repertoire,
  { preset, rttMs, maxDraftLength }: Conditions,
  timeless: TimelessResults,
  signal: AbortSignal,
): Promise<PlayResult | undefined> {
  const { performances, tapes, temperature, verification } = repertoire;
  const costs: CostModel = { ...preset.costs, rttMs };
  const run = (createPolicy: () => StoppingPolicy, texts = performances) =>
    play(texts, { costs, createPolicy, maxDraftLength }, signal);
  const served = (spec: string, memory = createPolicyMemory()) => {
    const context: PolicyContext = { memory, temperature, verification };
    return run(() => parsePolicy(spec, context));
  };

  /** Decoded once for all costs. */
  const fixed = async (spec: string) => {
    const key = `${spec} ${maxDraftLength}`;
    const result = timeless.get(key) ?? (await served(spec));
    timeless.set(key, result);
    return { ...result, durationMs: durationOf(result.rounds, costs) };
  };

  switch (policy) {
    case "best-static":
      return bestStatic(Math.min(maxDraftLength ?? longestTried, longestTried), fixed);
    case "oracle": {
      const texts = tapes?.map((tape) => performWithForesight(tape, longestTried));
      return texts && run(() => parsePolicy(`static:${longestTried}`), texts);
    }
    case "causal":
      return tapes && served("adaedl-rate", memoryOf(fitAcceptance(tapes)));
    case "adaedl-rate":
      return served(`adaedl-rate:forward-price-ms=${forwardPriceMs ?? 0}`);
    default: {
      const { looksAtGuess } = parsePolicy(policy, { temperature, verification });
      if (looksAtGuess && verification === "rejection") return undefined;
      return /^(none|static:.*)$/.test(policy) ? fixed(policy) : served(policy);
    }
  }
}

/** The length that turns out to be the best for this very cell. */
async function bestStatic(
  longest: number,
  playSpec: (spec: string) => Promise<PlayResult>,
): Promise<PlayResult> {
  let best: PlayResult | undefined;
  for (let length = 1; length <= longest; length++) {
    const result = await playSpec(`static:${length}`);
    if (best === undefined || result.durationMs < best.durationMs) best = result;
  }
  if (best === undefined) throw invalidField("maxDraft", longest, "must be 1 or more");
  return best;
}

/** Under shared noise: what the tapes have on record. */
export function repertoireOf(
  pair: string,
  temperature: number,
  tapes: readonly Tape[],
): Repertoire {
  const performances = tapes.map((tape) => performTape(tape, longestTried));
  return { pair, temperature, verification: "shared-noise", performances, tapes };
}
