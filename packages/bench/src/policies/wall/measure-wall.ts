import { AdaedlError, defaultSamplingParams, type VerificationRuleName } from "@adaedl/core";
import { type ExamplePairName, examplePrompts } from "@adaedl/example-models";
import type { GenerateRequest, GenerationClient } from "@adaedl/protocol";
import { median } from "../../statistics.ts";
import type { Cell } from "../cell.ts";
import { isExactUnderRejection } from "../play-policy.ts";
import { addCounts, noCounts, runTexts, type TextsRun } from "./run-texts.ts";

export interface WallOptions {
  readonly pairs: readonly ExamplePairName[];
  readonly policies: readonly string[];
  readonly verifications: readonly VerificationRuleName[];
  readonly rttsMs: readonly number[];
  readonly temperatures: readonly number[];
  /** The workload: so many of the pair's own prompts, each with a seed of its own. */
  readonly numPrompts: number;
  readonly numTokens: number;
  /** Every time is the median of so many. */
  readonly numRepetitions: number;
}

/** Real services of a pair, with a network between them. */
export type OpenClient = (
  pair: ExamplePairName,
  rttMs: number,
  signal: AbortSignal,
) => Promise<{ readonly client: GenerationClient } & AsyncDisposable>;

/** Conditions of a cell but for pair, round trip and policy. */
interface Conditions {
  readonly verification: VerificationRuleName;
  readonly temperature: number;
}

/**
 * Compares stopping policies by the wall clock. Counts of a cell are sums over its repetitions: what a
 * policy learns goes on from one to the next, so that they need not be alike.
 * @param onStep told after each pass of a policy over the workload
 * @throws AdaedlError `internal` when two policies decoded different tokens under shared noise
 */
export async function measureWall(
  options: WallOptions,
  openClient: OpenClient,
  onStep: () => void,
  signal: AbortSignal,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const pair of options.pairs)
    for (const rttMs of options.rttsMs) {
      await using services = await openClient(pair, rttMs, signal);
      for (const conditions of conditionsOf(options)) {
        const policies = [...new Set(options.policies)].filter((one) => canRun(one, conditions));
        const requestsOf = (policy: string) => workloadOf(pair, policy, conditions, options);
        const runs = await interleave(
          policies,
          options.numRepetitions,
          (policy) => runTexts(services.client, requestsOf(policy), signal),
          onStep,
        );
        if (conditions.verification === "shared-noise") checkSameTokens(runs);
        for (const [policy, measured] of runs)
          cells.push(cellOf({ pair, policy, rttMs, ...conditions }, measured.slice(1)));
      }
    }
  return cells;
}

function conditionsOf(options: WallOptions): Conditions[] {
  const { verifications, temperatures } = options;
  return verifications.flatMap((verification) =>
    temperatures.map((temperature) => ({ verification, temperature })),
  );
}

/** What is not exact under the rejection rule is refused by the services. */
function canRun(policy: string, { verification }: Conditions): boolean {
  return verification !== "rejection" || isExactUnderRejection(policy);
}

function workloadOf(
  pair: ExamplePairName,
  policy: string,
  { verification, temperature }: Conditions,
  { numPrompts, numTokens }: WallOptions,
): GenerateRequest[] {
  return examplePrompts(pair)
    .slice(0, numPrompts)
    .map((text, seed) => ({
      ...{ prompt: { type: "text", text }, seed, policy, verification },
      ...{ maxTokens: numTokens, ignoreEos: true },
      sampling: { ...defaultSamplingParams, temperature }, // as on the virtual clock
    }));
}

/**
 * Runs each policy once in every repetition, so that what disturbs the machine for a while disturbs all of
 * them; each takes each place in the order. The first repetition is the warm-up: the first forwards of
 * a process are slow, and what learns has then learnt what a service that has run for a while knows.
 * @returns runs by policy, the warm-up first
 */
async function interleave(
  policies: readonly string[],
  numRepetitions: number,
  run: (policy: string) => Promise<TextsRun>,
  onStep: () => void,
): Promise<Map<string, TextsRun[]>> {
  const runs = new Map<string, TextsRun[]>(policies.map((policy) => [policy, []]));
  for (let repetition = 0; repetition <= numRepetitions; repetition++) {
    const first = repetition % Math.max(1, policies.length);
    for (const policy of [...policies.slice(first), ...policies.slice(0, first)]) {
      runs.get(policy)?.push(await run(policy));
      onStep();
    }
  }
  return runs;
}

/** The text is a function of the seed, whoever guesses: a benchmark of two texts would compare nothing. */
function checkSameTokens(runs: ReadonlyMap<string, readonly TextsRun[]>): void {
  let expected: string | undefined;
  for (const [policy, repetitions] of runs)
    for (const { tokenIds } of repetitions) {
      const text = JSON.stringify(tokenIds);
      expected ??= text;
      if (text !== expected)
        throw new AdaedlError("internal", `${policy} decoded other tokens than another policy`);
    }
}

function cellOf(
  place: Conditions & Pick<Cell, "pair" | "policy" | "rttMs">,
  runs: readonly TextsRun[],
): Cell {
  const lengthOf = ({ tokenIds }: TextsRun) => tokenIds.flat().length;
  const rates = runs.map((run) => (1000 * lengthOf(run)) / run.durationMs);
  const counts = runs.map((run) => run.counts).reduce(addCounts, noCounts);
  const numTokens = runs.reduce((sum, run) => sum + lengthOf(run), 0);
  return {
    ...place,
    preset: "this machine",
    clock: "wall",
    tokensPerSecond: median(rates),
    spread: [Math.min(...rates), Math.max(...rates)],
    roundTripsPer100Tokens: (100 * counts.numRoundTrips) / numTokens,
    targetForwardsPer100Tokens: (100 * counts.numTargetForwards) / numTokens,
    numDrafted: counts.numDrafted,
    numAccepted: counts.numAccepted,
    numTokens,
  };
}
