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

/** One of the three, which has started. */
type Part = AsyncDisposable & { readonly metrics?: ServiceMetrics | undefined };

/** Gateway, draft service and verifier of one process. */
export interface RunningAll extends RunningService {
  readonly description: RunningDraftService["description"];
}

/**
 * Opens both models side by side, and beside them the gateway, which alone listens: it answers `/livez` at once, and
 * an address that is taken or a file of keys that cannot be read ends the start.
 * @throws AdaedlError what one of the three failed with; nothing is left open then
 */
export async function startAll(
  options: AllOptions,
  logger: Logger,
  outer: AbortSignal,
  tracer: Tracer,
): Promise<RunningAll> {
  const failing = new AbortController();
  const signal = AbortSignal.any([outer, failing.signal]);
  const started: { gateway?: Part; draft?: Part; verifier?: Part } = {};
  const close = async () => {
    // A gateway before what it asks, a draft service before its verifier.
    for (const part of [started.gateway, started.draft, started.verifier])
      await part?.[Symbol.asyncDispose]();
  };
  /** Notes what has started. One that fails ends the start of the others. */
  const begin = async <Started extends Part>(
    name: keyof typeof started,
    starting: Promise<Started>,
  ) => {
    try {
      const part = await starting;
      started[name] = part;
      return part;
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  };
  const otherMetrics = () => {
    const others = { draft: started.draft?.metrics, verifier: started.verifier?.metrics };
    return Object.fromEntries(
      Object.entries(others).flatMap(([name, metrics]) => (metrics ? [[name, metrics]] : [])),
    );
  };
  // The code of each is loaded while the models of those before open in their threads.
  const verifying = begin(
    "verifier",
    import("@adaedl/verifier").then(({ startVerifier }) =>
      startVerifier({ ...options.verifier, tracer }, logger, signal),
    ),
  );
  const verifiers = [clientOf(verifying)];
  const drafting = begin(
    "draft",
    import("@adaedl/draft-service").then(({ startDraftService }) =>
      startDraftService({ ...options.draft, verifiers, tracer }, logger, signal),
    ),
  );
  const draftServices = [{ address: "this process", client: clientOf(drafting) }];
  const listening = begin(
    "gateway",
    import("@adaedl/gateway").then(({ startGateway }) =>
      startGateway({ ...options.gateway, tracer, draftServices, otherMetrics }, logger, signal),
    ),
  );
  await Promise.allSettled([verifying, drafting, listening]);
  try {
    failing.signal.throwIfAborted();
    const [verifier, { description }, gateway] = await Promise.all([
      verifying,
      drafting,
      listening,
    ]);
    return {
      address: gateway.address,
      description,
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

/** The client of a service of this process, once that has started. A failure is handled where the service is awaited. */
function clientOf<Client>(
  starting: Promise<{ readonly client?: Client | undefined }>,
): Promise<Client> {
  const reached = starting.then(({ client }) => {
    if (client !== undefined) return client;
    throw new AdaedlError("internal", "a service of this process listens");
  });
  reached.catch(() => {});
  return reached;
}
