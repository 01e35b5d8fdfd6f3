import { AdaedlError } from "@adaedl/core";
import type { DraftServiceOptions, RunningDraftService } from "@adaedl/draft-service";
import type { GatewayOptions } from "@adaedl/gateway";
import type { Logger, ServiceMetrics, Tracer } from "@adaedl/telemetry";
import type { VerifierOptions } from "@adaedl/verifier";
import type { RunningService } from "./run-service.ts";

/** Options of the three services, without their addresses. */
export interface AllOptions {
  readonly gateway: Omit<GatewayOptions, "draftServices">;
  readonly verifier: Omit<VerifierOptions, "listen">;
  readonly draft: Omit<DraftServiceOptions, "listen" | "verifiers">;
}

/** Gateway, draft service and verifier of one process. */
export interface RunningAll extends RunningService {
  readonly description: RunningDraftService["description"];
}

/**
 * Opens both models side by side, and then the gateway, which alone listens.
 * @throws AdaedlError what one of the three failed with; nothing is left open then
 */
export async function startAll(
  options: AllOptions,
  logger: Logger,
  outer: AbortSignal,
  tracer: Tracer,
): Promise<RunningAll> {
  const [{ startVerifier }, { startDraftService }, { startGateway }] = await Promise.all([
    import("@adaedl/verifier"),
    import("@adaedl/draft-service"),
    import("@adaedl/gateway"),
  ]);
  const failing = new AbortController();
  const signal = AbortSignal.any([outer, failing.signal]);
  /** One that fails ends the start of the other. */
  const orFail = <Part>(starting: Promise<Part>) =>
    starting.catch((error) => {
      failing.abort(error);
      throw error;
    });
  const started: AsyncDisposable[] = [];
  const close = async () => {
    // A gateway before what it asks, a draft service before its verifier.
    for (const part of started.toReversed()) await part[Symbol.asyncDispose]();
  };
  const verifying = orFail(startVerifier({ ...options.verifier, tracer }, logger, signal));
  const verifiers = [verifying.then(clientOf)];
  const drafting = orFail(
    startDraftService({ ...options.draft, verifiers, tracer }, logger, signal),
  );
  try {
    await Promise.allSettled(
      [verifying, drafting].map(async (starting) => started.push(await starting)),
    );
    failing.signal.throwIfAborted();
    const [verifier, draftService] = [await verifying, await drafting];
    const gateway = await startGateway(
      {
        ...{ ...options.gateway, tracer },
        draftServices: [{ address: draftService.address, client: clientOf(draftService) }],
        otherMetrics: metricsOf({ draft: draftService, verifier }),
      },
      logger,
      signal,
    );
    started.push(gateway);
    return {
      address: gateway.address,
      description: draftService.description,
      failed: verifier.failed,
      async drain(timeoutMs) {
        await gateway.drain(timeoutMs);
        await close();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function clientOf<Client>({ client }: { readonly client?: Client | undefined }): Client {
  if (client === undefined) throw new AdaedlError("internal", "a service of this process listens");
  return client;
}

function metricsOf(
  services: Readonly<Record<string, { readonly metrics?: ServiceMetrics | undefined }>>,
): Record<string, ServiceMetrics> {
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, { metrics }]) => (metrics ? [[name, metrics]] : [])),
  );
}
