import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { TelemetryStack } from "@adaedl/bench";
import { type SpawnedService, spawnService } from "../../remote/spawn-service.ts";

/** What a stack tells of itself. */
export interface TelemetrySetting {
  readonly name: string;
  /** Metrics of all three services are scraped. */
  readonly hasMetrics?: boolean;
  /** All requests are traced. */
  readonly hasTraces?: boolean;
}

/** A stack that runs. */
export interface OpenedStack extends AsyncDisposable {
  readonly stack: TelemetryStack;
  /** HOST:PORT of whoever is to be scraped. */
  readonly metrics: readonly string[];
}

/** Whoever takes the spans of a stack. */
export interface TraceCollector {
  readonly url: string;
  /** They are sent so long after they ended, or 512 at a time, whichever comes first. */
  readonly delayMs: number;
}

/**
 * Starts a verifier, a draft service and a gateway in processes of their own.
 * @throws AdaedlError when one does not start; nothing is left running then
 */
export async function openStack(
  setting: TelemetrySetting,
  collector: TraceCollector,
  signal: AbortSignal,
): Promise<OpenedStack> {
  const { openStreamClient, watchProcess } = await import("@adaedl/bench");
  const variables = variablesOf(setting, collector);
  const services: SpawnedService[] = [];
  const metrics: string[] = [];
  const close = async () => {
    for (const service of services.toReversed()) await service.stop();
  };
  const start = async (...args: string[]) => {
    const service = await spawnService([...args, "--listen", "127.0.0.1:0"], signal, variables);
    services.push(service);
    return service;
  };
  const startWithModel = async (...args: string[]) => {
    const model = [...args, "--pair", "storyteller", "--threads", "1"];
    if (!setting.hasMetrics) return start(...model);
    const address = `127.0.0.1:${await findFreePort()}`; // it is told nowhere, so not 0
    metrics.push(address);
    return start(...model, "--metrics-listen", address);
  };
  try {
    const verifier = await startWithModel("verifier", "--suffix-tokens", "0");
    const draft = await startWithModel("draft", "--verifier", verifier.address);
    const gateway = await start("gateway", "--draft-service", draft.address, "--no-playground");
    if (setting.hasMetrics) metrics.push(gateway.address);
    const client = openStreamClient(gateway.address);
    await client.whenServing(signal);
    const usage = {
      verifier: watchProcess(verifier.pid),
      draft: watchProcess(draft.pid),
      gateway: watchProcess(gateway.pid),
    };
    return {
      stack: { name: setting.name, client, usage },
      metrics,
      async [Symbol.asyncDispose]() {
        client.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whatever the user's own services are told by OpenTelemetry's variables is not for these. */
function variablesOf(
  { hasTraces = false }: TelemetrySetting,
  { url, delayMs }: TraceCollector,
): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter((name) => name.startsWith("OTEL_"));
  const none = Object.fromEntries(names.map((name) => [name, undefined]));
  if (!hasTraces) return none;
  return {
    ...none,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_BSP_SCHEDULE_DELAY: String(delayMs),
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
