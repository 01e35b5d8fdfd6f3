import {
  defaultSuffixTokens,
  longestDraftLength,
  type WeightPrecision,
  weightPrecisions,
} from "@adaedl/core";
import { type ExamplePairName, examplePairNames } from "@adaedl/example-models";
import type { RedisSettings, VerifierOptions, VerifierRole } from "@adaedl/verifier";
import type { Command } from "commander";
import { asRequest } from "../../fail.ts";
import { parseThreads } from "../../input/numbers.ts";
import { chooseModels } from "../../models.ts";
import { emulationOf, parseForwardMs } from "../../settings/emulated-time.ts";
import { setting } from "../../settings/setting.ts";
import {
  addAddressSettings,
  addListenSetting,
  addMetricsSetting,
  addServiceSettings,
  type GrpcServiceSettings,
  tlsOf,
} from "../../settings/shared-settings.ts";
import { msOf, parseFrom, parseNamespace, parseSeconds } from "../../settings/values.ts";
import { runService } from "./run-service.ts";

const roles: readonly VerifierRole[] = ["all", "ingress", "worker"];

/** How sessions share the target. */
export interface EngineSettings {
  readonly maxSlots: number;
  readonly cacheMb: number;
  readonly stepTokens: number;
  readonly stepSessions: number;
  readonly forwardPriceMs: number;
  readonly suffixTokens: number;
  readonly pastTokens: number;
}

interface VerifierSettings extends GrpcServiceSettings, EngineSettings {
  readonly role: VerifierRole;
  readonly redisUrl?: string;
  readonly redisNamespace: string;
  readonly redisTlsCa?: string;
  readonly redisTlsCert?: string;
  readonly redisTlsKey?: string;
  readonly redisSecretFile?: string;
  readonly maxWaiting: number;
  readonly target?: string;
  readonly pair: ExamplePairName;
  readonly provider?: string;
  readonly weights: WeightPrecision;
  readonly requireSameNumerics?: boolean;
  readonly threads?: number;
  readonly emulateForwardMs?: string;
  readonly maxSessions: number;
  readonly maxClientTokens: number;
  readonly maxDraft: number;
  readonly idleTimeout: number;
}

/** Adds `adaedl serve verifier`. */
export function addServeVerifierCommand(serve: Command): void {
  const command = serve
    .command("verifier")
    .description("run the target model for draft services")
    .action(() => serveVerifier(command));
  const count = countSetting(command);

  addListenSetting(command.optionsGroup("Service:"), 50_051);
  addRedisSettings(command)
    .optionsGroup("Model (a directory, or a built-in name such as storyteller-target):")
    .addOption(setting("--target <dir>", "the model that decides").conflicts("pair"))
    .addOption(
      setting("--pair <name>", "the target of a built-in pair, when none is named")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .addOption(setting("--provider <name>", "where it runs: cpu (default), cuda, webgpu, …"))
    .addOption(
      setting("--weights <precision>", "precision of its weights; another one writes other texts")
        .choices(weightPrecisions)
        .default("f32"),
    )
    .addOption(
      setting(
        "--require-same-numerics",
        "refuse texts from targets that compute other bits, as on another kind of CPU, and such replicas",
      ),
    )
    .addOption(setting("--threads <n>", "threads of one forward").argParser(parseThreads))
    .addOption(
      setting(
        "--emulate-forward-ms <forward+row>",
        "sleep until a forward took so long, and so long for each row after the first, such as 30+1",
      ).argParser(parseForwardMs),
    )
    .optionsGroup("Limits (over them clients are told when to try again):");
  count("--max-sessions <n>", "sessions at a time", 100_000, 256);
  count(
    "--max-client-tokens <n>",
    "prompt and output tokens of one client's sessions",
    2 ** 31,
    2 ** 20,
  );
  addAddressSettings(command);
  const maxDraft = "draft tokens of a session in one forward";
  count("--max-draft <n>", maxDraft, longestDraftLength, longestDraftLength);
  command.addOption(
    setting("--idle-timeout <s>", "end a session in which nothing is sent for so long")
      .argParser(parseSeconds)
      .default(60),
  );
  addEngineSettings(command);
  addMetricsSetting(command);
  addServiceSettings(command);
}

/** A whole number from 1 on. */
function countSetting(command: Command) {
  return (flags: string, description: string, high: number, value: number) =>
    command.addOption(setting(flags, description).argParser(parseFrom(1, high)).default(value));
}

/** How sessions share the target, and what is drafted beside it. */
export function addEngineSettings(command: Command): void {
  const count = countSetting(command);
  command.optionsGroup("Batching and memory:");
  count("--max-slots <n>", "sessions with rows in memory, shared among clients", 4096, 64);
  count("--cache-mb <n>", "megabytes of all rows together", 2 ** 20, 1024);
  count("--step-tokens <n>", "tokens of one step, prompts and texts alike", 65_536, 512);
  count("--step-sessions <n>", "sessions of one step", 32, 32);
  command.addOption(
    setting(
      "--forward-price-ms <ms>",
      "wait up to so long for draft tokens that save a forward; 0: never",
    )
      .argParser(parseFrom(0, 1_000))
      .default(0),
  );
  addSuffixSettings(command);
}

function addSuffixSettings(command: Command): void {
  const count = (flags: string, description: string) =>
    command.addOption(
      setting(flags, description)
        .argParser(parseFrom(0, 2 ** 20))
        .default(defaultSuffixTokens),
    );
  command.optionsGroup("Drafting without a model, beside the target:");
  count("--suffix-tokens <n>", "latest tokens of a text to draft from; 0: drafts nothing");
  count(
    "--past-tokens <n>",
    "and of past answers to the same client, at most 300 bytes each, for 32 clients; 0: keeps none",
  );
}

function addRedisSettings(command: Command): Command {
  return command
    .optionsGroup("Many replicas that meet in Redis:")
    .addOption(
      setting("--role <role>", "ingress: takes streams; worker: has the model; all: both")
        .choices(roles)
        .default("all"),
    )
    .addOption(
      setting("--redis-url <url>", "redis[s]://, redis[s]+sentinel:// or redis[s]+cluster://"),
    )
    .addOption(
      setting("--redis-namespace <name>", "verifiers of one name share their sessions")
        .argParser(parseNamespace)
        .default("verifier"),
    )
    .addOption(setting("--redis-tls-ca <file>", "PEM certificate that Redis is trusted by"))
    .addOption(setting("--redis-tls-cert <file>", "own certificate, where Redis asks for one"))
    .addOption(setting("--redis-tls-key <file>", "its key"))
    .addOption(
      setting(
        "--redis-secret-file <file>",
        "secrets, one a line: refuse what is not signed with one",
      ),
    )
    .addOption(
      setting("--max-waiting <n>", "sessions of all ingresses that wait for a worker")
        .argParser(parseFrom(1, 1_000_000))
        .default(1024),
    );
}

async function serveVerifier(command: Command): Promise<void> {
  const settings = command.opts<VerifierSettings>();
  await runService(command, {
    name: "verifier",
    start: async (logger, signal, tracer) => {
      const { checkVerifierOptions, startVerifier } = await import("@adaedl/verifier");
      const { emulateForwardMs, provider } = settings;
      const options: VerifierOptions = {
        ...settings,
        tracer,
        redis: redisOf(settings),
        target: {
          ...chooseModels({ ...settings, draft: "none" }).target,
          ...emulationOf("--emulate-forward-ms", emulateForwardMs, provider),
        },
        tls: tlsOf(settings),
        ...engineOptionsOf(settings),
        maxDraftLength: settings.maxDraft,
        idleTimeoutMs: msOf(settings.idleTimeout),
        writeTimeoutMs: msOf(settings.writeTimeout),
      };
      await asRequest(() => checkVerifierOptions(options));
      return startVerifier(options, logger, signal);
    },
    ready: ({ description }) => ({
      role: settings.role,
      model: description.modelId,
      weights: description.weights,
      numerics: description.numerics,
      contextLength: description.contextLength,
      emulatedForwardMs: description.emulatedForwardMs || undefined,
    }),
  });
}

/** A verifier's options for batching and memory. */
export function engineOptionsOf(settings: EngineSettings) {
  const { maxSlots, stepTokens, stepSessions, forwardPriceMs } = settings;
  return {
    ...{ maxSlots, stepTokens, stepSessions, forwardPriceMs },
    suffix: { textTokens: settings.suffixTokens, pastTokens: settings.pastTokens },
    cacheBytes: settings.cacheMb * 2 ** 20,
  };
}

function redisOf(settings: VerifierSettings): RedisSettings | undefined {
  const { redisUrl, redisTlsCa, redisTlsCert, redisTlsKey } = settings;
  if (redisUrl === undefined) return undefined;
  return {
    url: redisUrl,
    namespace: settings.redisNamespace,
    tls: { caFile: redisTlsCa, certFile: redisTlsCert, keyFile: redisTlsKey },
    secretFile: settings.redisSecretFile,
    maxWaiting: settings.maxWaiting,
  };
}
