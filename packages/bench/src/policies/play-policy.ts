import {
  createPolicyMemory,
  type DrafterKind,
  type DraftingPolicy,
  defaultSuffixTokens,
  drafterKinds,
  type PolicyContext,
  parsePolicy,
} from "@adaedl/core";
import { SuffixDrafters } from "@adaedl/engine";
import { type CostModel, roundsMs } from "./cost-model.ts";
import { longestTried } from "./grid.ts";
import { playPearl } from "./pearl.ts";
import { type PlayResult, play } from "./play.ts";
import type { Preset } from "./presets.ts";
import type { Repertoire } from "./repertoire.ts";
import { performWithForesight } from "./tape/oracle.ts";

/** A stream at a verifier that drafts itself, too, as `verifier` has it without an edge that drafts. */
const streamWithSuffix = "stream+suffix";

/** Of a stream that is named by what drafts for it, such as `model+suffix`; undefined for other policies. */
export function draftersOf(policy: string): readonly DrafterKind[] | undefined {
  const names = policy.split("+");
  const kinds = drafterKinds.filter((kind) => names.includes(kind));
  return kinds.length === names.length ? kinds : undefined;
}

/** Conditions of a cell but for the policy. */
export interface Conditions {
  readonly preset: Preset;
  readonly rttMs: number;
}

/** By policy: of policies whose rounds are the same whatever time they take. */
export type TimelessResults = Map<string, PlayResult>;

/**
 * Plays one policy, or one of those that only a benchmark can have, over all texts of a repertoire.
 * @returns undefined where it cannot be played under this rule
 */
export async function playPolicy(
  policy: string,
  repertoire: Repertoire,
  { preset, rttMs }: Conditions,
  timeless: TimelessResults,
  signal: AbortSignal,
): Promise<PlayResult | undefined> {
  const { performances, tapes, temperature, verification, corpus } = repertoire;
  const hasSuffix = policy === "verifier" || policy === streamWithSuffix;
  const limits = { textTokens: defaultSuffixTokens, pastTokens: 0 };
  const suffix = hasSuffix ? new SuffixDrafters(limits, () => 0) : undefined;
  const costs: CostModel = { ...preset.costs, rttMs };
  const run = (
    createPolicy: () => DraftingPolicy,
    texts = performances,
    at = costs,
    drafters?: readonly DrafterKind[],
  ) => play(texts, { costs: at, createPolicy, suffix, drafters, tables: { corpus } }, signal);
  const served = (spec: string, draftRttMs = rttMs, drafters?: readonly DrafterKind[]) => {
    const context: PolicyContext = { memory: createPolicyMemory(), temperature, verification };
    const create = () => parsePolicy(spec, context);
    return run(create, performances, { ...costs, rttMs: draftRttMs }, drafters);
  };

  /** Decoded once for all costs. */
  const fixed = async (spec: string) => {
    const result = timeless.get(spec) ?? (await served(spec));
    timeless.set(spec, result);
    return { ...result, durationMs: roundsMs(result, costs) };
  };

  const drafters = draftersOf(policy);
  if (drafters !== undefined) return tapes && served("stream", rttMs, drafters);
  switch (policy) {
    case "best-static":
      return bestStatic(fixed);
    case "pearl":
      return tapes && playPearl(tapes, costs);
    // A stream with its draft model next to the target: a text crosses the network once.
    case "beside-target": {
      if (tapes === undefined) return undefined;
      const result = await served("stream", 0);
      return { ...result, durationMs: result.durationMs + rttMs * performances.length };
    }
    case streamWithSuffix:
      return served("stream");
    case "oracle": {
      const texts = tapes?.map((tape) => performWithForesight(tape, longestTried));
      return texts && run(() => parsePolicy(`static:${longestTried}`), texts);
    }
    default:
      if (verification === "rejection" && !isExactUnderRejection(policy)) return undefined;
      return isTimeless(policy) ? fixed(policy) : served(policy);
  }
}

/** Streams need shared noise, and so does what looks at the draft token. */
export function isExactUnderRejection(spec: string): boolean {
  const policy = parsePolicy(spec);
  return policy.family === "rounds" ? !policy.stopping.looksAtGuess : policy.drafting === undefined;
}

/** Of the policies of rounds only `ucb` looks at the time. */
export function isTimeless(spec: string): boolean {
  return parsePolicy(spec).family === "rounds" && !/^ucb(:|$)/.test(spec);
}

/** The length that turns out to be the best for this very cell. */
async function bestStatic(playSpec: (spec: string) => Promise<PlayResult>): Promise<PlayResult> {
  let best = await playSpec("static:1");
  for (let length = 2; length <= longestTried; length++) {
    const result = await playSpec(`static:${length}`);
    if (result.durationMs < best.durationMs) best = result;
  }
  return best;
}
