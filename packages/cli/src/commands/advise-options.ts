import { type ExamplePairName, examplePairNames } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { parseNumber } from "../input/numbers.ts";
import { costOptions, type GivenCosts } from "../settings/costs.ts";
import { addClientSettings } from "../settings/shared-settings.ts";
import { parseAddress, parseFrom } from "../settings/values.ts";
import { type PairWeights, weightOptions } from "../settings/weights.ts";
import { count } from "./bench/shared.ts";

/** What `adaedl advise` was told. */
export interface AdviseOptions extends GivenCosts, PairWeights {
  readonly pair: ExamplePairName;
  readonly target?: string;
  readonly draft?: string;
  readonly rttMs: number;
  readonly verifier?: string;
  readonly verifierTlsCa?: string;
  readonly verifierTlsCert?: string;
  readonly verifierTlsKey?: string;
  readonly verifierToken?: string;
  readonly verifierTokenFile?: string;
  readonly promptFile?: string;
  readonly numPrompts: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly json?: boolean;
}

/** Declares the options; the order here is the order of the help. */
export function addAdviseOptions(command: Command): Command {
  command
    .optionsGroup("Models (a directory, or a built-in name such as storyteller-target):")
    .addOption(
      new Option("--pair <name>", "built-in pair, used when no --target is named")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .addOption(new Option("--target <dir>", "the model that decides").conflicts("pair"))
    .addOption(new Option("--draft <dir>", "the model that proposes tokens").conflicts("pair"));
  for (const option of weightOptions()) command.addOption(option);
  command
    .optionsGroup("Network (one of the first two):")
    .addOption(
      new Option("--rtt-ms <ms>", "round trip between draft service and verifier")
        .argParser(parseFrom(0, 10_000))
        .default(40),
    )
    .addOption(
      new Option("--verifier <host:port>", "one that runs: the round trip to it is measured")
        .argParser(parseAddress)
        .conflicts("rttMs"),
    );
  addClientSettings(command, "verifier-", "the verifier");
  command.optionsGroup("Costs of other machines (default: measured here, one thread each):");
  for (const option of costOptions()) command.addOption(option);
  return command
    .optionsGroup("Texts:")
    .option("--prompt-file <file>", "the prompt; - is stdin (default: the pair's own prompts)")
    .addOption(count("--num-prompts <n>", "texts, each with a seed of its own", 8))
    .addOption(count("--max-tokens <n>", "output tokens of each", 128))
    .addOption(
      new Option("--temperature <t>", "0 takes the most probable token")
        .argParser(parseNumber)
        .default(0.7),
    )
    .optionsGroup("Output:")
    .option("--json", "print one JSON object")
    .optionsGroup("Options:");
}
