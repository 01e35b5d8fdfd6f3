import { drafterKinds, policyForms, verificationRuleNames } from "@adaedl/core";
import { examplePairNames } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import {
  collect,
  parseLogitBias,
  parseNumber,
  parseThreads,
  parseTokenIds,
  parseWholeNumber,
} from "../input/numbers.ts";
import type { PromptOptions } from "../input/prompt.ts";
import type { RequestOptions } from "../input/request.ts";
import type { ModelOptions } from "../models.ts";
import { setting } from "../settings/setting.ts";
import {
  addClientSettings,
  type TlsSettings,
  type TokenSettings,
} from "../settings/shared-settings.ts";
import { parseAddress, parseDrafters } from "../settings/values.ts";
import { weightOptions } from "../settings/weights.ts";

/** The options of `generate` as commander hands them over: malformed numbers are refused. */
export interface GenerateOptions
  extends PromptOptions,
    ModelOptions,
    RequestOptions,
    TlsSettings,
    TokenSettings {
  readonly json?: boolean;
  readonly corpus?: string;
  /** A draft service that has the models. */
  readonly server?: string;
}

/** Declares the options; the order here is the order of the help. */
export function addGenerateOptions(command: Command): Command {
  addSourceOptions(command);
  addTextOptions(command);
  return command.option("--json", "print one JSON object").optionsGroup("Options:");
}

const option = (flags: string, description: string) => new Option(flags, description);

/** What is continued, and by which models. */
function addSourceOptions(command: Command): void {
  command
    .optionsGroup("Prompt (exactly one):")
    .addOption(
      option("--prompt <text>", "the text to continue").conflicts(["promptFile", "promptIds"]),
    )
    .addOption(
      option(
        "--prompt-file <file>",
        "read it from a file, - is stdin (one final line break is dropped)",
      ).conflicts("promptIds"),
    )
    .addOption(option("--prompt-ids <ids>", "token ids: 1,2,3").argParser(parseTokenIds))
    .addOption(
      option("--chat", "the prompt is a user's message: use the model's chat template").conflicts(
        "promptIds",
      ),
    );

  addModelOptions(command);
  command
    .optionsGroup("Or a draft service that has them:")
    .addOption(
      setting("--server <host:port>", "where it listens")
        .argParser(parseAddress)
        .conflicts(["target", "draft", "pair", "drafter", "provider", "threads"])
        .conflicts(["corpus", "weights", "draftWeights"]),
    );
  addClientSettings(command, "", "the service");
}

/** The two models of one process. @param declare an option, or a setting */
export function addModelOptions(command: Command, declare = option): Command {
  command
    .optionsGroup("Models (a directory, or a built-in name such as storyteller-target):")
    .addOption(
      declare("--pair <name>", "built-in pair, used when no --target is named")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .addOption(
      declare("--target <dir>", "the model that decides (alone: no draft model)").conflicts("pair"),
    )
    .addOption(declare("--draft <dir>", "the model that proposes tokens, or none"))
    .addOption(
      declare(
        "--drafter <kinds>",
        `what drafts: one or more of ${drafterKinds.join(",")} (default: model,suffix)`,
      ).argParser(parseDrafters),
    )
    .addOption(
      declare(
        "--corpus <file>",
        "text that aded begins with (default: the built-in pair's prompts)",
      ),
    );
  for (const option of weightOptions(declare)) command.addOption(option);
  return command
    .addOption(declare("--provider <name>", "where both run: cpu (default), cuda, webgpu, …"))
    .addOption(declare("--threads <n>", "threads of one forward").argParser(parseThreads));
}

/** How it is continued, and how far. */
function addTextOptions(command: Command): void {
  const number = (flags: string, description: string) =>
    command.addOption(option(flags, description).argParser(parseNumber));
  const whole = (flags: string, description: string) =>
    command.addOption(option(flags, description).argParser(parseWholeNumber));

  command
    .optionsGroup("Speculation (changes the speed, never the words):")
    .option(
      "--policy <spec>",
      `how to draft: ${policyForms} (default: stream; adaedl under the rejection rule)`,
    );
  whole("--max-draft <n>", "longest draft of a round, whatever the policy wants; 0 drafts nothing");
  command.addOption(
    option("--verification <rule>", "how draft tokens are verified")
      .choices(verificationRuleNames)
      .default("shared-noise"),
  );

  command.optionsGroup("Sampling (defaults: what the target's makers suggest):");
  number("--temperature <t>", "0 takes the most probable token; up to 100");
  whole("--top-k <k>", "keep the k most probable tokens; 0 or -1 keeps all");
  number("--top-p <p>", "keep the fewest tokens that reach this probability");
  number("--min-p <p>", "drop tokens less probable than p times the best");
  number("--repetition-penalty <x>", "divide the logits of tokens in prompt and output");
  number("--presence-penalty <x>", "subtract from the logits of tokens in the output");
  number("--frequency-penalty <x>", "the same for each time they occur");
  command.addOption(
    option("--logit-bias <id=bias>", "add to a token's logit (repeatable)").argParser(
      parseLogitBias,
    ),
  );
  whole("--seed <n>", "the same seed gives the same text (default: a random one)");

  command.optionsGroup("Output:");
  whole("--max-tokens <n>", "output tokens (default: 128, or what fits)");
  command
    .option("--stop <text>", "end before this text (repeatable)", collect)
    .option("--ignore-eos", "go on after the model's end token");
}
