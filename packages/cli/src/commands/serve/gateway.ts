import type { GatewayOptions } from "@adaedl/gateway";
import type { Command } from "commander";
import { setting } from "../../settings/setting.ts";
import {
  addClientSettings,
  addListenSetting,
  addServiceSettings,
  type ServiceSettings,
  tlsOf,
} from "../../settings/shared-settings.ts";
import {
  msOf,
  parseFrom,
  parseHostNames,
  parseOrigins,
  parseSeconds,
  parseTargets,
} from "../../settings/values.ts";
import { runService } from "./run-service.ts";

/** How it meets its clients. */
export interface HttpSettings extends ServiceSettings {
  readonly apiKey?: string;
  readonly apiKeysFile?: string;
  readonly maxRequests: number;
  readonly requestTimeout: number;
  readonly maxBodyKb: number;
  readonly allowedHosts?: readonly string[];
  readonly corsOrigin?: readonly string[];
  readonly playground: boolean;
}

interface GatewaySettings extends HttpSettings {
  readonly draftService: readonly string[];
  readonly draftServiceTlsCa?: string;
  readonly draftServiceTlsCert?: string;
  readonly draftServiceTlsKey?: string;
  readonly draftServiceToken?: string;
  readonly draftServiceTokenFile?: string;
}

/** Adds `adaedl serve gateway`. */
export function addServeGatewayCommand(serve: Command): void {
  const command = serve
    .command("gateway")
    .description("serve the OpenAI API, and a page to try it, in front of draft services")
    .action(() => serveGateway(command));

  addListenSetting(command.optionsGroup("Service:"), 8080).addOption(
    setting("--draft-service <host:port,…>", "draft services, each watched and used in turn")
      .argParser(parseTargets)
      .makeOptionMandatory(),
  );
  addHttpSettings(command).optionsGroup("The way to the draft services:");
  addClientSettings(command, "draft-service-", "a draft service");
  addServiceSettings(command, addKeySettings);
}

/** What is asked of a service that speaks HTTP, besides where it listens. */
export function addHttpSettings(command: Command): Command {
  return command
    .addOption(
      setting("--max-requests <n>", "choices that are generated at a time; over them 503")
        .argParser(parseFrom(1, 100_000))
        .default(256),
    )
    .addOption(
      setting("--request-timeout <s>", "for one generation").argParser(parseSeconds).default(600),
    )
    .addOption(
      setting("--max-body-kb <n>", "kilobytes of a request's body; over them 413")
        .argParser(parseFrom(1, 4096))
        .default(1024),
    )
    .addOption(
      setting(
        "--allowed-hosts <name,…>",
        "names, besides localhost and addresses, by which a gateway without keys and TLS is reached; .example.com for all below it, * for any",
      ).argParser(parseHostNames),
    )
    .addOption(
      setting(
        "--cors-origin <origin,…>",
        "web pages of these origins may use the API, such as https://app.example; * for all",
      ).argParser(parseOrigins),
    )
    .addOption(setting("--no-playground", "serve no page at /"));
}

export function addKeySettings(command: Command): Command {
  return command
    .addOption(setting("--api-key <secret>", "the key that clients must send"))
    .addOption(
      setting(
        "--api-keys-file <file>",
        "keys of several: a line NAME KEY [concurrency=8] [requests-per-minute=60] [tokens-per-minute=10000] each",
      ).conflicts("apiKey"),
    );
}

async function serveGateway(command: Command): Promise<void> {
  const settings = command.opts<GatewaySettings>();
  await runService(command, {
    name: "gateway",
    start: async (logger, signal, tracer) => {
      const { startGateway } = await import("@adaedl/gateway");
      return startGateway(
        {
          ...httpOptionsOf(settings),
          tracer,
          draftServices: settings.draftService,
          channel: {
            tls: {
              caFile: settings.draftServiceTlsCa,
              certFile: settings.draftServiceTlsCert,
              keyFile: settings.draftServiceTlsKey,
            },
            token: settings.draftServiceToken,
            tokenFile: settings.draftServiceTokenFile,
          },
        },
        logger,
        signal,
      );
    },
    ready: () => ({ draftServices: settings.draftService }),
  });
}

/** A gateway's options towards its clients. */
export function httpOptionsOf(
  settings: HttpSettings,
): Omit<GatewayOptions, "draftServices" | "channel"> {
  return {
    ...settings,
    tls: tlsOf(settings),
    corsOrigins: settings.corsOrigin,
    maxBodyBytes: settings.maxBodyKb * 1024,
    requestTimeoutMs: msOf(settings.requestTimeout),
    writeTimeoutMs: msOf(settings.writeTimeout),
  };
}
