import { longestDraftLength } from "@adaedl/core";
import type { Command } from "commander";
import { readCorpus } from "../../input/corpus.ts";
import { chooseModels, type ModelOptions } from "../../models.ts";
import { emulationOf, parseForwardMs } from "../../settings/emulated-time.ts";
import { setting } from "../../settings/setting.ts";
import { addListenSetting, addServiceSettings } from "../../settings/shared-settings.ts";
import { parsePolicySpec } from "../../settings/values.ts";
import { addModelOptions } from "../generate-options.ts";
import { addHttpSettings, addKeySettings, type HttpSettings, httpOptionsOf } from "./gateway.ts";
import { runService } from "./run-service.ts";
import { type AllOptions, startAll } from "./start-all.ts";
import { addEngineSettings, type EngineSettings, engineOptionsOf } from "./verifier.ts";

interface AllSettings extends HttpSettings, EngineSettings, ModelOptions {
  readonly corpus?: string;
  readonly policy: string;
  readonly emulateForwardMs?: string;
  readonly emulateDraftMs?: string;
}

/** The services' defaults. Within one process they only detect a model that hangs. */
const timeouts = { openMs: 30_000, roundMs: 10_000, giveUpMs: 60_000 };
const idleTimeoutMs = 60_000;
/** The only client of verifier and draft service is the gateway, which has limits of its own. */
const unlimited = 2 ** 31 - 1;

/** Adds `adaedl serve all`. */
export function addServeAllCommand(serve: Command): void {
  const command = serve
    .command("all")
    .description("gateway, draft service and verifier in one process, on one machine")
    .action(() => serveAll(command));
  addHttpSettings(addListenSetting(command.optionsGroup("Service:"), 8080));
  addModelOptions(command, setting)
    .addOption(
      setting("--emulate-forward-ms <forward+row>", "as of serve verifier").argParser(
        parseForwardMs,
      ),
    )
    .addOption(
      setting("--emulate-draft-ms <forward+row>", "as of serve draft").argParser(parseForwardMs),
    )
    .addOption(
      setting("--policy <spec>", "how to draft for requests that do not say")
        .argParser(parsePolicySpec)
        .default("stream"),
    );
  addEngineSettings(command);
  addServiceSettings(command, addKeySettings);
}

async function serveAll(command: Command): Promise<void> {
  const settings = command.opts<AllSettings>();
  await runService(command, {
    name: "all",
    start: async (logger, signal, tracer) =>
      startAll(await optionsOf(settings), logger, signal, tracer),
    ready: ({ description }) => ({
      model: description.targetModelId,
      weights: description.targetWeights,
      draft: description.draftModelId || undefined,
      policy: description.defaultPolicy,
      contextLength: description.contextLength,
    }),
  });
}

async function optionsOf(settings: AllSettings): Promise<AllOptions> {
  const { target: targetName, pair, provider, maxRequests, policy, pastTokens } = settings;
  const { target, draft, drafters } = chooseModels(settings);
  const emulate = { target: settings.emulateForwardMs, draft: settings.emulateDraftMs };
  const corpus = await readCorpus(settings, targetName === undefined ? pair : undefined);
  const gateway = httpOptionsOf(settings);
  const { writeTimeoutMs } = gateway;
  return {
    gateway,
    verifier: {
      ...engineOptionsOf(settings),
      target: { ...target, ...emulationOf("--emulate-forward-ms", emulate.target, provider) },
      ...{ maxSessions: unlimited, maxClientTokens: unlimited, maxDraftLength: longestDraftLength },
      ...{ idleTimeoutMs, writeTimeoutMs },
    },
    draft: {
      draft: draft && { ...draft, ...emulationOf("--emulate-draft-ms", emulate.draft, provider) },
      ...{ drafters, corpus, policy, pastTokens, maxRequests, timeouts, writeTimeoutMs },
    },
  };
}
