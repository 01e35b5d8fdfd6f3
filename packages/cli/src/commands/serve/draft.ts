import { type DrafterKind, defaultSuffixTokens, drafterKinds } from "@adaedl/core";
import type { ModelThreadOptions } from "@adaedl/engine";
import { type ExamplePairName, examplePair, examplePairNames } from "@adaedl/example-models";
import type { Command } from "commander";
import { readCorpus } from "../../input/corpus.ts";
import { parseThreads } from "../../input/numbers.ts";
import { modelDirectory } from "../../models.ts";
import { emulationOf, parseForwardMs } from "../../settings/emulated-time.ts";
import { setting } from "../../settings/setting.ts";
import {
  addAddressSettings,
  addClientSettings,
  addListenSetting,
  addMetricsSetting,
  addServiceSettings,
  type GrpcServiceSettings,
  tlsOf,
} from "../../settings/shared-settings.ts";
import {
  msOf,
  parseDrafters,
  parseFrom,
  parsePolicySpec,
  parseSeconds,
  parseTargets,
} from "../../settings/values.ts";
import {
  autoDraftWeights,
  type DraftWeights,
  defaultDraftWeightChoice,
  draftWeightChoices,
  draftWeightsOf,
} from "../../settings/weights.ts";
import { runService } from "./run-service.ts";

interface DraftSettings extends GrpcServiceSettings {
  readonly draft?: string;
  readonly tokenizer?: string;
  readonly drafter?: readonly DrafterKind[];
  readonly corpus?: string;
  readonly pastTokens: number;
  readonly learn?: string;
  readonly pair: ExamplePairName;
  readonly provider?: string;
  readonly weights: DraftWeights;
  readonly threads?: number;
  readonly emulateDraftMs?: string;
  readonly verifier: readonly string[];
  readonly verifierTlsCa?: string;
  readonly verifierTlsCert?: string;
  readonly verifierTlsKey?: string;
  readonly verifierToken?: string;
  readonly verifierTokenFile?: string;
  readonly policy: string;
  readonly maxRequests: number;
  readonly openTimeout: number;
  readonly roundTimeout: number;
  readonly giveUpTimeout: number;
  readonly keepaliveTime: number;
  readonly keepaliveTimeout: number;
}

/** Adds `adaedl serve draft`. */
export function addServeDraftCommand(serve: Command): void {
  const command = serve
    .command("draft")
    .description("draft here, have a verifier decide, and serve text")
    .action(() => serveDraft(command));
  const seconds = (flags: string, description: string, value: number) =>
    command.addOption(setting(flags, description).argParser(parseSeconds).default(value));

  addListenSetting(command.optionsGroup("Service:"), 50_052)
    .addOption(
      setting("--verifier <host:port,…>", "verifiers that run the same target")
        .argParser(parseTargets)
        .makeOptionMandatory(),
    )
    .addOption(
      setting("--max-requests <n>", "generations at a time")
        .argParser(parseFrom(1, 100_000))
        .default(64),
    );
  addAddressSettings(command)
    .optionsGroup("Model (a directory, or a built-in name such as storyteller-draft):")
    .addOption(
      setting("--draft <dir>", "the model that proposes tokens, or none").conflicts("pair"),
    )
    .addOption(
      setting("--pair <name>", "the draft of a built-in pair, when none is named")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .addOption(setting("--provider <name>", "where it runs: cpu (default), cuda, webgpu, …"))
    .addOption(
      setting(
        "--weights <precision>",
        `precision of its weights; changes the speed, never the words (${autoDraftWeights})`,
      )
        .choices(draftWeightChoices)
        .default(defaultDraftWeightChoice),
    )
    .addOption(setting("--threads <n>", "threads of one forward").argParser(parseThreads))
    .addOption(
      setting(
        "--emulate-draft-ms <forward+row>",
        "sleep until a forward took so long, and so long for each row after the first, such as 6",
      ).argParser(parseForwardMs),
    );
  addDrafterSettings(command)
    .addOption(
      setting("--policy <spec>", "how to draft for requests that do not say")
        .argParser(parsePolicySpec)
        .default("stream"),
    )
    .optionsGroup("The way to the verifiers:");
  addClientSettings(command, "verifier-", "a verifier");
  seconds("--open-timeout <s>", "without progress, for a verifier to take a session", 30);
  seconds("--round-timeout <s>", "without progress, for a verdict", 10);
  seconds("--give-up-timeout <s>", "a round is tried without progress, there and elsewhere", 60);
  seconds("--keepalive-time <s>", "ping a verifier that has been silent for so long", 10);
  seconds("--keepalive-timeout <s>", "and give the connection up without an answer", 5);
  addMetricsSetting(command);
  addServiceSettings(command);
}

/** What drafts, and what it knows. */
function addDrafterSettings(command: Command): Command {
  return command
    .addOption(
      setting(
        "--tokenizer <dir>",
        "without a draft model: the target's tokenizer (default: the verifier's, kept in the cache)",
      ),
    )
    .addOption(
      setting(
        "--drafter <kinds>",
        `what drafts: one or more of ${drafterKinds.join(",")} (default: model; without one suffix)`,
      ).argParser(parseDrafters),
    )
    .addOption(
      setting(
        "--corpus <file>",
        "text that aded begins with (default: the built-in pair's prompts)",
      ),
    )
    .addOption(
      setting(
        "--learn <dir>",
        "let the draft model learn from the texts it drafts for, and keep what it learnt there",
      ),
    )
    .addOption(
      setting(
        "--past-tokens <n>",
        "tokens (aded: pairs) of a client's texts that tables keep for its next ones, at most 300 bytes each, for 32 clients; 0: none",
      )
        .argParser(parseFrom(0, 2 ** 20))
        .default(defaultSuffixTokens),
    );
}

/** Undefined where it is not among what drafts. */
function draftModelOf(settings: DraftSettings): ModelThreadOptions | undefined {
  const { draft, drafter, pair, provider, threads, emulateDraftMs } = settings;
  const hasModel = draft !== "none" && drafter?.includes("model") !== false;
  const weights = draftWeightsOf("--weights", settings.weights, hasModel);
  if (!hasModel) return undefined;
  return {
    directory: draft === undefined ? examplePair(pair).draft : modelDirectory(draft),
    ...(weights === undefined ? {} : { weights }),
    ...(provider === undefined ? {} : { provider }),
    ...(threads === undefined ? {} : { numThreads: threads }),
    ...emulationOf("--emulate-draft-ms", emulateDraftMs, provider),
  };
}

async function serveDraft(command: Command): Promise<void> {
  const settings = command.opts<DraftSettings>();
  const { tokenizer, drafter: drafters, draft, pair } = settings;
  await runService(command, {
    name: "draft",
    start: async (logger, signal, tracer) => {
      const { startDraftService } = await import("@adaedl/draft-service");
      return startDraftService(
        {
          ...settings,
          tracer,
          draft: draftModelOf(settings),
          drafters,
          corpus: await readCorpus(settings, draft === undefined ? pair : undefined),
          tokenizer: tokenizer === undefined ? undefined : modelDirectory(tokenizer),
          verifiers: settings.verifier,
          tls: tlsOf(settings),
          verifierTls: {
            caFile: settings.verifierTlsCa,
            certFile: settings.verifierTlsCert,
            keyFile: settings.verifierTlsKey,
          },
          timeouts: {
            openMs: msOf(settings.openTimeout),
            roundMs: msOf(settings.roundTimeout),
            giveUpMs: msOf(settings.giveUpTimeout),
          },
          keepalive: {
            timeMs: msOf(settings.keepaliveTime),
            timeoutMs: msOf(settings.keepaliveTimeout),
          },
          writeTimeoutMs: msOf(settings.writeTimeout),
        },
        logger,
        signal,
      );
    },
    ready: ({ description }) => ({
      model: description.draftModelId || undefined,
      target: description.targetModelId,
      policy: description.defaultPolicy,
      emulatedDraftMs: description.emulatedDraftMs || undefined,
      emulatedTargetMs: description.emulatedTargetMs || undefined,
    }),
  });
}
