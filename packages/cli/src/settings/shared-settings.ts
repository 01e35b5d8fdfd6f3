import type { TlsFiles } from "@adaedl/protocol";
import type { LogLevel } from "@adaedl/telemetry";
import type { Command } from "commander";
import { setting } from "./setting.ts";
import { parseAddress, parseFrom, parseSeconds } from "./values.ts";

const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/** What every service is told. */
export interface ServiceSettings extends TlsSettings {
  readonly listen: string;
  readonly writeTimeout: number;
  readonly drainTimeout: number;
  readonly logLevel: LogLevel;
  readonly printConfig?: boolean;
}

export interface TlsSettings {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
}

export interface TokenSettings {
  readonly token?: string;
  readonly tokenFile?: string;
}

export function addListenSetting(command: Command, defaultPort: number): Command {
  return command.addOption(
    setting("--listen <host:port>", "where to serve; port 0 takes a free one")
      .argParser(parseAddress)
      .default(`127.0.0.1:${defaultPort}`),
  );
}

/** For services that speak no HTTP otherwise. */
export function addMetricsSetting(command: Command): Command {
  return command
    .optionsGroup("Watching:")
    .addOption(
      setting("--metrics-listen <host:port>", "serve /metrics for Prometheus there").argParser(
        parseAddress,
      ),
    );
}

/** What a gRPC service is told besides. */
export interface GrpcServiceSettings extends ServiceSettings {
  readonly tokensFile?: string;
  readonly maxAddressConnections: number;
  readonly maxAddressCalls: number;
}

/** @param addSecurity adds how this service knows its clients */
export function addServiceSettings(
  command: Command,
  addSecurity: (command: Command) => Command = addTokensFileSetting,
): Command {
  command
    .optionsGroup("Security (files are read again when they change):")
    .addOption(setting("--tls-cert <file>", "PEM certificate of this service"))
    .addOption(setting("--tls-key <file>", "its key"))
    .addOption(setting("--tls-ca <file>", "whom to trust; then clients must show a certificate"));
  return addSecurity(command)
    .optionsGroup("Life:")
    .addOption(
      setting("--write-timeout <s>", "cut off a client that reads nothing for so long")
        .argParser(parseSeconds)
        .default(30),
    )
    .addOption(
      setting("--drain-timeout <s>", "after SIGTERM, time for what runs; a second signal ends it")
        .argParser(parseSeconds)
        .default(30),
    )
    .addOption(setting("--log-level <level>", "how much to log").choices(logLevels).default("info"))
    .option("--print-config", "print all settings as JSON and exit");
}

/** What one address may ask of a gRPC service. */
export function addAddressSettings(command: Command): Command {
  const count = (flags: string, description: string, value: number) =>
    setting(flags, description).argParser(parseFrom(1, 1_000_000)).default(value);
  return command
    .addOption(
      count("--max-address-connections <n>", "connections of one address; others are closed", 512),
    )
    .addOption(
      count(
        "--max-address-calls <n>",
        "calls of one address a second; one too many closes its connection",
        200,
      ),
    );
}

function addTokensFileSetting(command: Command): Command {
  return command.addOption(
    setting("--tokens-file <file>", "accepted bearer tokens, a line NAME TOKEN each"),
  );
}

/** Whose the flags of a client are: a command's own, or those of a service for another. */
export type ClientPrefix = "" | "verifier-" | "draft-service-";

const tokenName: Readonly<Record<ClientPrefix, string>> = {
  "": "token",
  "verifier-": "verifierToken",
  "draft-service-": "draftServiceToken",
};

/** For a client of a service. @param prefix "verifier-" where the flags are another's */
export function addClientSettings(command: Command, prefix: ClientPrefix, whom: string): Command {
  return addClientTlsSettings(command, prefix, whom)
    .addOption(setting(`--${prefix}token <secret>`, `bearer token for ${whom}`))
    .addOption(
      setting(`--${prefix}token-file <file>`, "a file that holds it").conflicts(tokenName[prefix]),
    );
}

/** The part of it that tells who the service is, and who asks. */
export function addClientTlsSettings(
  command: Command,
  prefix: ClientPrefix,
  whom: string,
): Command {
  return command
    .addOption(setting(`--${prefix}tls-ca <file>`, `PEM certificate that ${whom} is trusted by`))
    .addOption(setting(`--${prefix}tls-cert <file>`, `own certificate, where ${whom} asks for one`))
    .addOption(setting(`--${prefix}tls-key <file>`, "its key"));
}

export function tlsOf({ tlsCert, tlsKey, tlsCa }: TlsSettings): TlsFiles {
  return { certFile: tlsCert, keyFile: tlsKey, caFile: tlsCa };
}
