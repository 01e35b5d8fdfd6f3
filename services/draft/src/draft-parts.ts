import { AdaedlError } from "@adaedl/core";
import type { ModelThreadOptions } from "@adaedl/engine";
import type { OnlineLearner } from "@adaedl/learning";
import { loadTokenizer, type ModelTokenizer } from "@adaedl/model";
import {
  type GenerationClient,
  type GenerationHandler,
  type GrpcServer,
  generationService,
  localGeneration,
  openGrpcServer,
  openVerificationClient,
  type VerificationClient,
} from "@adaedl/protocol";
import {
  type Logger,
  type MetricsServer,
  type MetricsSource,
  openMetricsServer,
} from "@adaedl/telemetry";
import { type DraftModel, openDraftModel } from "./drafting/draft-model.ts";
import type { DraftServiceOptions } from "./options.ts";

/** What of a draft service is open. */
export interface OpenedParts {
  server?: GrpcServer;
  metrics?: MetricsServer | undefined;
  clients: readonly VerificationClient[];
  model?: DraftModel | undefined;
  learner?: OnlineLearner | undefined;
}

/** All but the server, which ends before what it serves with. */
export async function closeAll({ metrics, clients, model, learner }: OpenedParts): Promise<void> {
  await metrics?.close();
  await learner?.close();
  for (const client of clients) client.close();
  await model?.close();
}

/** Where requests come in, before there is anything to answer them with. */
export interface Front {
  readonly server: GrpcServer;
  readonly client?: GenerationClient | undefined;
  /** From now on they are answered. */
  serve(handler: GenerationHandler, metrics: MetricsSource | undefined): void;
}

/** @throws AdaedlError when an address cannot be listened on */
export async function openFront(options: DraftServiceOptions, opened: OpenedParts): Promise<Front> {
  const { listen, writeTimeoutMs, metricsListen } = options;
  let handler: GenerationHandler | undefined;
  let source: MetricsSource | undefined;
  const needHandler = () => {
    if (handler !== undefined) return handler;
    throw new AdaedlError("unavailable", "this draft service is starting");
  };
  const service: GenerationHandler = {
    describe: () => needHandler().describe(),
    generate: (request, context) => needHandler().generate(request, context),
  };
  const local = listen === undefined ? localGeneration(service) : undefined;
  const server =
    local?.server ??
    (await openGrpcServer({ ...options, listen: listen ?? "" }, [
      generationService(service, writeTimeoutMs),
    ]));
  opened.server = server;
  if (metricsListen) opened.metrics = await openMetricsServer(metricsListen, () => source);
  return {
    server,
    client: local?.client,
    serve(serving, metrics) {
      [handler, source] = [serving, metrics];
      server.setServing(true);
    },
  };
}

export function openClient(address: string, options: DraftServiceOptions): VerificationClient {
  return openVerificationClient({
    address,
    tls: options.verifierTls,
    token: options.verifierToken,
    tokenFile: options.verifierTokenFile,
    keepalive: options.keepalive,
  });
}

/**
 * Opens the draft model, and side by side with it the tokenizers at hand: they take about as long.
 * @throws AdaedlError the first error
 */
export async function openModels(
  { tokenizer }: DraftServiceOptions,
  draft: ModelThreadOptions | undefined,
  opened: OpenedParts,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<{
  readonly own?: ModelTokenizer | undefined;
  readonly named?: ModelTokenizer | undefined;
}> {
  const results = await Promise.allSettled([
    draft && loadTokenizer(draft.directory),
    tokenizer === undefined ? undefined : loadTokenizer(tokenizer),
    draft && openDraftModel(draft, logger, signal),
  ]);
  const [own, named, model] = results;
  if (model.status === "fulfilled") opened.model = model.value;
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return { own: settled(own), named: settled(named) };
}

function settled<T>(result: PromiseSettledResult<T>): T | undefined {
  return result.status === "fulfilled" ? result.value : undefined;
}
