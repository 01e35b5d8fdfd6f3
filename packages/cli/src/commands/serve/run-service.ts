import type { Logger, Tracer } from "@adaedl/telemetry";
import type { Command } from "commander";
import { UsageError } from "../../fail.ts";
import { configOf, secretFlags } from "../../settings/print-config.ts";
import type { ServiceSettings } from "../../settings/shared-settings.ts";
import { msOf } from "../../settings/values.ts";

/** A service that runs. */
export interface RunningService {
  readonly address: string;
  /** Resolves when it cannot serve any more. */
  readonly failed?: Promise<Error>;
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A service to be started; `ready` is what its log line says besides. */
export interface Startup<Service extends RunningService> {
  readonly name: string;
  start(logger: Logger, signal: AbortSignal, tracer: Tracer): Promise<Service>;
  ready(service: Service): object;
}

/** For connections to be closed by the other side, once everything here has ended. */
const lingerMs = 250;

/**
 * Runs a service until a signal ends it: the first lets running work finish, the second does not.
 * One log line says that it is ready. Ends with exit code 0 in both cases.
 */
export async function runService<Service extends RunningService>(
  command: Command,
  { name, start, ready }: Startup<Service>,
): Promise<void> {
  const { drainTimeout, logLevel, printConfig } = command.opts<ServiceSettings>();
  const drainTimeoutMs = msOf(drainTimeout);
  if (printConfig) {
    process.stdout.write(`${JSON.stringify(configOf(command), null, 2)}\n`);
    return;
  }
  const { createLogger, logLibraryOutput, openTracing } = await import("@adaedl/telemetry");
  const logger = createLogger(name, logLevel);
  // A log that nobody reads any more is no reason to stop serving.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});

  logLibraryOutput(logger);
  const tracing = await openTracing(name);
  const starting = new AbortController();
  let service: Service | undefined;
  let numSignals = 0;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const onSignal = () => {
    numSignals++;
    if (service === undefined) starting.abort();
    else if (numSignals === 1) {
      logger.info({ drainTimeoutMs }, "draining");
      service.drain(drainTimeoutMs).then(finish, finish);
    } else service.close().then(finish, finish);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
  try {
    service = await start(logger, starting.signal, tracing.tracer);
  } catch (error) {
    if (starting.signal.aborted) return;
    if (!(error instanceof UsageError)) logger.error({ error: (error as Error).message }, "failed");
    throw error;
  }
  for (const flag of secretFlags(command))
    logger.warn({ flag }, "a secret in the arguments is visible to every user of this machine");
  logger.info({ address: service.address, ...ready(service) }, "ready");
  const failure = await Promise.race([finished, service.failed ?? finished]);
  await tracing.close();
  if (failure !== undefined) {
    logger.error({ error: failure.message }, "failed");
    await service.close();
  }
  // A peer that never closes its side of a connection (a proxy whose own peer is gone) would keep the
  // process; unref: where nothing does, it ends at once. Models are closed by now: an exit while one computes aborts.
  setTimeout(() => process.exit(), lingerMs).unref();
  if (failure !== undefined) throw failure;
  logger.info({}, "stopped");
}
