import { readFile } from "node:fs/promises";
import type { Cell, Comparison, Grid, Preset, Workload } from "@adaedl/bench";
import { type DraftingPolicy, parsePolicy } from "@adaedl/core";
import {
  type ExamplePairName,
  examplePair,
  examplePrompts,
  repetitiveTexts,
} from "@adaedl/example-models";
import type { Command } from "commander";
import { UsageError } from "../../fail.ts";
import { colorsFor } from "../../output/colors.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { draftWeightsOf } from "../../settings/weights.ts";
import { pairMatches, renderMatches } from "./pair-matches.ts";
import { byWall } from "./policies-by-wall.ts";
import {
  addPoliciesOptions,
  benchmarkOnly,
  gridDefaults,
  isDrafters,
  longestTried,
  type PoliciesOptions,
  presetNames,
} from "./policies-options.ts";

/** Adds `adaedl bench policies`, which `adaedl bench` alone means too. */
export function addBenchPoliciesCommand(bench: Command, watch: () => AbortSignal): void {
  const command = bench
    .command("policies", { isDefault: true })
    .description("compare policies (what bench alone does)");
  addPoliciesOptions(command);
  command.action((options: PoliciesOptions) => compare(options, watch()));
}

async function compare(options: PoliciesOptions, signal: AbortSignal): Promise<void> {
  const command = ["adaedl", ...process.argv.slice(2)].join(" ");
  const result =
    options.clock === "wall"
      ? await byWall(options, signal)
      : await byVirtualClock(options, signal);
  const { matches, ...compared } = result;
  const comparison: Comparison = { command, ...compared };

  const out = process.stdout;
  if (options.json)
    out.write(`${JSON.stringify({ command, cells: comparison.cells.map(spellOut), matches })}\n`);
  else {
    const { renderCells, renderGains } = await import("../../output/comparison-cells-table.ts");
    const tables = [renderCells, renderGains].map((render) =>
      render(comparison.cells, colorsFor(out)),
    );
    tables.push(renderMatches(matches));
    out.write(`${tables.filter((table) => table !== "").join("\n\n")}\n`);
    if (isPaper(options)) {
      const { renderPaperRatios } = await import("../../output/paper-table.ts");
      const { paperResults } = await import("@adaedl/bench");
      out.write(`\n${renderPaperRatios(comparison.cells, paperResults, colorsFor(out))}\n`);
    }
  }
  if (options.report === undefined) return;
  const { writeReport } = await import("@adaedl/bench");
  const file = await writeReport(comparison, options.report);
  if (!options.json) out.write(`\nThe page with the plots is ${file}\n`);
}

/** With the longest draft that the policy could make. */
function spellOut(cell: Cell) {
  const { policy } = cell;
  const spec =
    ["beside-target", "stream+suffix"].includes(policy) || isDrafters(policy) ? "stream" : policy;
  const isOurs = !benchmarkOnly.includes(spec);
  return { ...cell, maxDraftLength: isOurs ? longestDraftOf(parsePolicy(spec)) : longestTried };
}

/** Of a stream what its offers are deep; 0 where nothing is drafted. */
function longestDraftOf(policy: DraftingPolicy): number {
  if (policy.family === "rounds") return policy.stopping.maxDraftLength;
  return policy.drafting?.sourceOf("model").pace.limits().maxDepth ?? 0;
}

async function byVirtualClock(options: PoliciesOptions, signal: AbortSignal) {
  if (options.emulateForwardMs !== undefined || options.emulateDraftMs !== undefined)
    throw new UsageError("--emulate-forward-ms and --emulate-draft-ms are for --clock wall only");
  const prompts = options.prompts === undefined ? undefined : await readPrompts(options.prompts);
  const { comparePolicies, numCells, presets } = await import("@adaedl/bench");
  const { rttMs, draftMs } = options;
  const grid: Grid = {
    ...gridDefaults(isPaper(options)),
    verifications: options.verification,
    presets: presetsOf(options, presets),
    ...(draftMs !== undefined && { rttsMs: [0] }),
    ...(rttMs && { rttsMs: rttMs }),
    ...(options.policies && { policies: options.policies }),
    ...(options.temperatures && { temperatures: options.temperatures }),
  };
  const draftWeights = draftWeightsOf("--draft-weights", options.draftWeights);
  const models = { weights: options.weights, draftWeights };
  const workloads = options.pair.map((pair): Workload => {
    const corpus = examplePrompts(pair).join("\n");
    return { pair, ...models, ...examplePair(pair), corpus, ...textsOf(pair, options, prompts) };
  });
  const numRepertoires = workloads.length * grid.verifications.length * grid.temperatures.length;
  const bar = createProgressBar(numCells(grid) * numRepertoires, "cells");
  const progress = { onRepertoire: () => {}, onCell: () => bar.step() };
  try {
    const result = await comparePolicies(workloads, grid, progress, signal);
    // Of answers that the target did not write there is nothing to say.
    const written = options.repetitive ? [] : workloads;
    return { ...result, matches: await pairMatches(written, grid.temperatures, signal) };
  } finally {
    bar.end();
  }
}

function isPaper({ preset }: PoliciesOptions): boolean {
  return preset?.length === 1 && preset[0] === "paper";
}

/** The named ones; one made of the given costs where there are any. */
function presetsOf(options: PoliciesOptions, known: readonly Preset[]): Preset[] {
  const { preset, draftMs, verifyMs, forwardPriceMs } = options;
  const more = { forwardPriceMs };
  if (draftMs === undefined && verifyMs === undefined)
    return known
      .filter(({ name }) => (preset ?? presetNames).some((wanted) => wanted === name))
      .map((one) => ({ ...one, costs: { ...one.costs, ...more } }));
  if (preset !== undefined || draftMs === undefined || verifyMs === undefined)
    throw new UsageError("--draft-ms and --verify-ms go together, and take the place of --preset");
  const costs = { ...draftMs, ...verifyMs, ...more };
  return [{ name: "given", source: "the command line", costs }];
}

function textsOf(
  pair: ExamplePairName,
  { quick, numPrompts, maxTokens, repetitive }: PoliciesOptions,
  given: readonly string[] | undefined,
): Pick<Workload, "prompts" | "answers" | "numTokens"> {
  if (repetitive) {
    const texts = repetitiveTexts(pair);
    const prompts = texts.map(({ prompt }) => prompt);
    return { prompts, answers: texts.map(({ answer }) => answer), numTokens: 0 };
  }
  const prompts = given ?? examplePrompts(pair);
  return {
    prompts: prompts.slice(0, numPrompts ?? (quick ? 6 : 16)),
    numTokens: maxTokens ?? (quick ? 64 : 160),
  };
}

async function readPrompts(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new UsageError(`--prompts cannot be read: ${error.message}`);
  });
  const prompts = text.split("\n").filter((line) => line.trim() !== "");
  if (prompts.length === 0) throw new UsageError(`--prompts ${file} has no prompts`);
  return prompts;
}
