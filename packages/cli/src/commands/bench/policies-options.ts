import type { Clock, Grid, Preset } from "@adaedl/bench";
import { drafterKinds, type VerificationRuleName, verificationRuleNames } from "@adaedl/core";
import { type ExamplePairName, examplePairNames } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { costOptions, type GivenCosts } from "../../settings/costs.ts";
import { type EmulatedTimes, emulatedTimeOptions } from "../../settings/emulated-time.ts";
import { parseNames, parseNumbers, parsePolicies } from "../../settings/lists.ts";
import { type PairWeights, weightOptions } from "../../settings/weights.ts";
import { count, parsePositive } from "./shared.ts";

/** What `adaedl bench` was told. */
export interface PoliciesOptions extends EmulatedTimes, GivenCosts, PairWeights {
  readonly preset?: readonly PresetName[];
  readonly pair: readonly ExamplePairName[];
  readonly policies?: readonly string[];
  readonly verification: readonly VerificationRuleName[];
  readonly rttMs?: readonly number[];
  readonly temperatures?: readonly number[];
  readonly forwardPriceMs?: number;
  readonly prompts?: string;
  readonly repetitive?: boolean;
  readonly numPrompts?: number;
  readonly maxTokens?: number;
  readonly clock: Clock;
  readonly repetitions: number;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly report?: string;
}

/** The presets of `@adaedl/bench`, by name: naming them must not load it. */
export const presetNames = ["paper", "edge-board", "laptop", "rack"] as const;
export type PresetName = (typeof presetNames)[number] & Preset["name"];

/** No policies of a draft service: baselines, a stream with its draft model elsewhere, and what knows the text. */
export const benchmarkOnly = ["best-static", "pearl", "beside-target", "stream+suffix", "oracle"];

/** Drafters of a stream, joined by +, each once. */
export function isDrafters(name: string): boolean {
  const names = name.split("+");
  return drafterKinds.filter((kind) => names.includes(kind)).length === names.length;
}

/** The longest draft that is tried there. */
export const longestTried = 16;

const longestRttMs = 10_000;

export function addPoliciesOptions(bench: Command): void {
  bench
    .optionsGroup("What is compared (lists are separated by commas):")
    .addOption(
      new Option(
        "--preset <names>",
        "hardware (default: all); paper alone lays the result beside the paper's",
      ).argParser(parseNames(presetNames)),
    )
    .addOption(
      new Option("--pair <names>", "built-in pairs")
        .argParser(parseNames(examplePairNames))
        .default([...examplePairNames], examplePairNames.join(",")),
    );
  for (const option of weightOptions()) bench.addOption(option);
  bench
    .addOption(
      new Option(
        "--policies <list>",
        `policies, ${benchmarkOnly.join(", ")} (see docs/policies.md), and drafters, such as model+suffix`,
      ).argParser(parsePolicies((name) => benchmarkOnly.includes(name) || isDrafters(name))),
    )
    .addOption(
      new Option("--verification <rules>", "how draft tokens are verified")
        .argParser(parseNames(verificationRuleNames))
        .default(["shared-noise"], "shared-noise"),
    )
    .addOption(
      new Option("--rtt-ms <list>", "round trips").argParser(parseNumbers(0, longestRttMs)),
    )
    .addOption(new Option("--temperatures <list>", "sampling").argParser(parseNumbers(0, 100)))
    .optionsGroup("The virtual clock, instead of a preset:");
  for (const option of costOptions()) bench.addOption(option);
  bench
    .addOption(new Option("--forward-price-ms <ms>", "of the verifier").argParser(parsePositive))
    .optionsGroup("The wall clock, instead of what forwards really take here:");
  for (const option of emulatedTimeOptions()) bench.addOption(option);
  bench
    .optionsGroup("Texts:")
    .option("--prompts <file>", "prompts to continue, one a line (default: the pair's own)")
    .addOption(
      new Option(
        "--repetitive",
        "documents to edit, reformat and quote, with the answers of a model that can",
      ).conflicts(["prompts", "numPrompts", "maxTokens"]),
    )
    .addOption(count("--num-prompts <n>", "of them (default: 16, with --quick 6)", undefined))
    .addOption(count("--max-tokens <n>", "of each text (default: 160, with --quick 64)", undefined))
    .option("--quick", "a look: fewer and shorter texts")
    .optionsGroup("How, and what for:")
    .addOption(
      new Option("--clock <name>", "virtual: reckoned; wall: real processes on this machine")
        .choices(["virtual", "wall"])
        .default("virtual"),
    )
    .addOption(count("--repetitions <n>", "with the wall clock: the median of so many", 5))
    .option("--json", "print one JSON object")
    .option("--report <dir>", "write a page with plots there");
}

type GridDefaults = Pick<Grid, "policies" | "rttsMs" | "temperatures">;

const paperLengths = [3, 7, 16];

/** Compared where no policies are named. */
export function gridDefaults(isPaper: boolean): GridDefaults {
  const byLength = (spec: (length: number) => string) => paperLengths.map(spec);
  if (isPaper)
    return {
      rttsMs: [0],
      temperatures: [0.7, 1, 1.3],
      policies: [
        "none",
        "best-static",
        ...byLength((length) => `static:${length}`),
        ...byLength((length) => `max-confidence:max=${length}`),
        ...byLength((length) => `adaedl:max=${length}`),
        ...byLength((length) => `adaedl:gamma=auto,max=${length}`),
        "oracle",
      ],
    };
  return {
    rttsMs: [0, 5, 20, 40, 60, 100, 200],
    temperatures: [0, 0.7, 1],
    policies: [
      ...["none", "best-static", ...byLength((length) => `static:${length}`)],
      ...["heuristic", "max-confidence", "confidence", "draft-verify", "svip", "ucb"],
      ...["adaedl", "adaedl:test=before", "adaedl:gamma=auto", "pearl", "stream"],
      ...["beside-target", "oracle"],
    ],
  };
}
