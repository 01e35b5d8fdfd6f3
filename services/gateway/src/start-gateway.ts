import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { openGenerationClient, readServerPem } from "@adaedl/protocol";
import {
  createMetrics,
  gatewayCatalogue,
  joinMetrics,
  type Logger,
  noTracer,
} from "@adaedl/telemetry";
import { createAnswerMemory } from "./callers/answer-memory.ts";
import { openApiKeys } from "./callers/api-keys.ts";
import { createCapacity } from "./callers/capacity.ts";
import { openDraftServicePool } from "./draft-services/pool.ts";
import { perModel } from "./generation/model-metrics.ts";
import { createHttpServer, listen } from "./http/open-http-server.ts";
import { addOperationRoutes } from "./http/operation-routes.ts";
import { rotateCertificates } from "./http/tls.ts";
import { addOpenAiRoutes } from "./openai/routes.ts";
import { defaultProbe, type GatewayOptions } from "./options.ts";
import { addPlaygroundRoutes } from "./playground/routes.ts";

/** A gateway that listens; whether it can serve, its `/health` says. */
export interface RunningGateway extends AsyncDisposable {
  readonly address: string;
  readonly numRunning: number;
  /** `/health` says 503, new requests are refused, running ones have `timeoutMs` to finish. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/** Of answers in one piece that tell of every token. It fits, twice, into the heap of the documented container. */
const maxAnswerBytes = 64 << 20;

/** How long a start waits for the first answers of draft services elsewhere. */
const longestAskMs = 1_000;

/**
 * Listens, and watches the draft services. Resolves when each has answered; those elsewhere have a second for it.
 * @throws AdaedlError `invalid_argument` for bad files; Error when the address cannot be listened on;
 *   nothing is left open then
 */
export async function startGateway(
  options: GatewayOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<RunningGateway> {
  const { draftServices, channel, maxRequests, tls, probe = defaultProbe } = options;
  const { tracer = noTracer, corsOrigins, writeTimeoutMs, maxBodyBytes } = options;
  const keys = openApiKeys(options);
  const pem = readServerPem(tls);
  // A web page of a foreign name has no key, and finds no certificate of that name.
  const isOpen = options.apiKey === undefined && options.apiKeysFile === undefined && !pem;
  const allowedHosts = isOpen ? (options.allowedHosts ?? []) : ["*"];
  const http = { pem, corsOrigins, allowedHosts, maxBodyBytes, writeTimeoutMs };
  const app = createHttpServer(http, logger);
  const capacity = createCapacity(maxRequests);
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // each answer listens: many are no leak
  const reached = draftServices.map((service) =>
    typeof service === "string"
      ? { address: service, client: openGenerationClient({ ...channel, address: service }) }
      : service,
  );
  const pool = openDraftServicePool(reached, probe, logger);
  const stopRotation =
    pem === undefined ? () => {} : rotateCertificates(app.server as never, tls, pem);
  let isDraining = false;

  const close = async () => {
    ending.abort(new AdaedlError("unavailable", "the gateway is shutting down"));
    stopRotation();
    await app.close();
    pool.close();
  };
  try {
    const metrics = createMetrics(gatewayCatalogue, () => ({
      num_requests_running: capacity.numRunning,
      num_draft_services: pool.numServing,
    }));
    const isReady = () => !isDraining && pool.numServing > 0;
    await addOpenAiRoutes(app, {
      ...options,
      keys,
      pool,
      capacity,
      openAnswer: createAnswerMemory(maxAnswerBytes),
      metricsOf: perModel(metrics),
      tracer,
      ended: ending.signal,
    });
    const { otherMetrics } = options;
    const shown = otherMetrics
      ? joinMetrics(() => ({ gateway: metrics, ...otherMetrics() }))
      : metrics;
    await addOperationRoutes(app, shown, isReady);
    if (options.playground) await addPlaygroundRoutes(app);
    signal?.throwIfAborted();
    // First, so that an address in use fails at once and `/livez` is answered while draft services start.
    const address = await listen(app, options.listen);
    // A client that lists the models of a ready gateway should see all that are served.
    const isElsewhere = draftServices.every((service) => typeof service === "string");
    await untilAsked(pool.asked, isElsewhere ? longestAskMs : undefined, signal);
    return {
      address,
      get numRunning() {
        return capacity.numRunning;
      },
      async drain(timeoutMs) {
        isDraining = true;
        let timer: NodeJS.Timeout | undefined;
        const timeout = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, timeoutMs);
        });
        await Promise.race([capacity.drain(), timeout]);
        clearTimeout(timer);
        await close();
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws what the signal was aborted with */
async function untilAsked(
  asked: Promise<unknown>,
  longestMs: number | undefined,
  outer: AbortSignal | undefined,
): Promise<void> {
  const waiting = new AbortController();
  const signal = outer ? AbortSignal.any([outer, waiting.signal]) : waiting.signal;
  // With no limit it ends with the signal alone.
  const late = sleep(longestMs ?? 2 ** 31 - 1, undefined, { signal, ref: false });
  await Promise.race([asked, late]).catch(() => {});
  waiting.abort();
  outer?.throwIfAborted();
}
