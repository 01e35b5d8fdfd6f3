import type { Command } from "commander";
import { exitCodes } from "../fail.ts";
import { addClientTlsSettings, type TlsSettings, tlsOf } from "../settings/shared-settings.ts";
import { msOf, parseAddress, parseSeconds } from "../settings/values.ts";

interface HealthOptions extends TlsSettings {
  readonly service?: string;
  readonly timeout: number;
}

/** Adds `adaedl health`. Exits with 1 when the service does not serve. */
export function addHealthCommand(program: Command, watch: () => AbortSignal): void {
  const command = program
    .command("health")
    .description("ask a verifier or a draft service whether it serves")
    .argument("<host:port>", "where it listens", parseAddress)
    .option("--service <name>", "such as adaedl.v2.Verification (default: the server as a whole)")
    .option("--timeout <s>", "how long to wait", parseSeconds, 5);
  addClientTlsSettings(command, "", "the service").action(
    async (address: string, options: HealthOptions) => {
      const { checkHealth } = await import("@adaedl/protocol");
      const { service = "", timeout } = options;
      const channel = { address, tls: tlsOf(options) };
      const status = await checkHealth(channel, service, msOf(timeout), watch());
      process.stdout.write(`${status}\n`);
      if (status !== "SERVING") process.exitCode = exitCodes.failure;
    },
  );
}
