import { basename } from "node:path";
import { AdaedlError, type DrafterKind, parsePolicy } from "@adaedl/core";
import {
  checkDrafters,
  createDrafterFactories,
  type DrafterFactory,
  defaultDrafters,
  type ModelThreadOptions,
  type TargetFacts,
  withDraftWeights,
} from "@adaedl/engine";
import { countParameters, loadTokenizer, type ModelTokenizer } from "@adaedl/model";
import {
  type DraftServiceDescription,
  type GenerationClient,
  type GenerationHandler,
  type GrpcServer,
  type GrpcServerOptions,
  generationService,
  localGeneration,
  openGrpcServer,
  openVerificationClient,
  type TlsFiles,
  type VerificationClient,
  type VerifierDescription,
} from "@adaedl/protocol";
import {
  createMetrics,
  draftCatalogue,
  type Logger,
  openMetricsServer,
  readProcessMemory,
  requestMetrics,
  type ServiceMetrics,
  type Tracer,
} from "@adaedl/telemetry";
import { type DraftModel, openDraftModel } from "./drafting/draft-model.ts";
import { openSafeDrafter } from "./drafting/safe-drafter.ts";
import { provideTargetTokenizer, type TargetTokenizer } from "./drafting/target-tokenizer.ts";
import { createPromptEncoder } from "./generation/encode-prompt.ts";
import { createGenerationHandler } from "./generation/generation-handler.ts";
import { createPromptTokenizer } from "./generation/prompt-tokenizer.ts";
import { createSharedPrompts } from "./generation/shared-prompts.ts";
import type { RemoteTimeouts } from "./verifiers/remote-verifier.ts";
import { openVerifierPool, type VerifierPool } from "./verifiers/verifier-pool.ts";

/** Everything a draft service can be told; `adaedl serve draft --help` explains each. */
export interface DraftServiceOptions extends Omit<GrpcServerOptions, "listen"> {
  /** HOST:PORT; without it the service is reached in this process alone, by its `client`. */
  readonly listen?: string | undefined;
  /** Without one, what drafts are tables. Default precision: `defaultDraftWeights`. */
  readonly draft?: ModelThreadOptions | undefined;
  /** Directory of a tokenizer; where it is not the target's, that one is fetched. Default: the draft model's. */
  readonly tokenizer?: string | undefined;
  /** What drafts, each kind once; default: the model, or without one a table. */
  readonly drafters?: readonly DrafterKind[] | undefined;
  /** A text such as those that will be written, for `aded` to begin with. */
  readonly corpus?: string | undefined;
  /** See `TableOptions`; default: as there. */
  readonly pastTokens?: number | undefined;
  /** Addresses of verifiers that run the same target model; at least one. Or one of this process that is being started. */
  readonly verifiers: readonly (string | Promise<VerificationClient>)[];
  /** For the way to the verifiers. */
  readonly verifierTls?: TlsFiles | undefined;
  readonly verifierToken?: string | undefined;
  readonly verifierTokenFile?: string | undefined;
  readonly keepalive?: { readonly timeMs: number; readonly timeoutMs: number } | undefined;
  /** Of requests that name none. */
  readonly policy: string;
  readonly maxRequests: number;
  readonly timeouts: RemoteTimeouts;
  readonly writeTimeoutMs: number;
  /** HOST:PORT for /metrics; not served without. */
  readonly metricsListen?: string | undefined;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** A draft service that serves. */
export interface RunningDraftService extends AsyncDisposable {
  readonly address: string;
  readonly description: DraftServiceDescription;
  /** Where it does not listen. */
  readonly client?: GenerationClient | undefined;
  /** Where they are served, or may be by somebody else: it does not listen. */
  readonly metrics?: ServiceMetrics | undefined;
  readonly numRunning: number;
  /** Health says NOT_SERVING, new requests are refused, running ones have `timeoutMs` to finish. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/**
 * Opens the draft model, waits for a verifier, and listens.
 * @throws AdaedlError when the model cannot be run, the verifiers run something that does not fit it
 *   (`failed_precondition`), or the address cannot be listened on; nothing is left open then
 */
export async function startDraftService(
  options: DraftServiceOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<RunningDraftService> {
  const { tokenizer } = options;
  for (const verifier of options.verifiers)
    if (typeof verifier !== "string") verifier.catch(() => {}); // it may fail before it is needed
  parsePolicy(options.policy);
  checkDrafters(options.drafters, options.draft !== undefined); // both before anything is opened
  const draft = options.draft && (await withDraftWeights(options.draft));
  if (draft?.weights !== options.draft?.weights)
    logger.info(
      { weights: draft?.weights },
      "the draft model is large: its weights are loaded in a shorter form",
    );
  const own = draft && (await loadTokenizer(draft.directory));
  const named = tokenizer === undefined ? undefined : await loadTokenizer(tokenizer);
  const model = draft && (await openDraftModel(draft, logger, signal));
  const channel = {
    tls: options.verifierTls,
    token: options.verifierToken,
    tokenFile: options.verifierTokenFile,
    keepalive: options.keepalive,
  };
  const clients: VerificationClient[] = [];
  const closeAll = async () => {
    for (const client of clients) client.close();
    await model?.close();
  };
  try {
    for (const verifier of options.verifiers)
      clients.push(
        typeof verifier === "string"
          ? openVerificationClient({ address: verifier, ...channel })
          : await verifier,
      );
    const more = { named, cacheDirectory: draft?.cacheDirectory, signal };
    const found: { target?: TargetTokenizer } = {};
    const pool = await openVerifierPool(
      clients,
      async (...described) => {
        found.target = await provideTargetTokenizer(own, ...described, logger, more);
      },
      logger,
      signal,
    );
    const { target } = found;
    if (target === undefined) throw new AdaedlError("internal", "no verifier was described");
    const { vocabulary } = target;
    const corpus =
      options.corpus && (await target.tokenizer.encodeInTurns(options.corpus, { signal }));
    const drafters = createDrafterFactories(
      options.drafters ?? defaultDrafters(model !== undefined, true),
      model &&
        ((settings, width, signal) =>
          openSafeDrafter(model, settings, { width, vocabulary }, logger, signal)),
      { pastTokens: options.pastTokens, corpus: corpus || undefined },
    );
    return await serve(options, { ...target, model, drafters, pool, logger }, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface ServiceParts extends TargetTokenizer {
  readonly model: DraftModel | undefined;
  readonly drafters: readonly DrafterFactory[];
  readonly pool: VerifierPool;
  readonly logger: Logger;
}

async function serve(
  options: DraftServiceOptions,
  parts: ServiceParts,
  closeAll: () => Promise<void>,
): Promise<RunningDraftService> {
  const { tokenizer, vocabulary, pool, model, logger } = parts;
  const facts = factsOf(pool.description, tokenizer);
  const templateProblem = tokenizer.chatTemplate?.problem;
  if (templateProblem !== undefined)
    logger.warn({ problem: templateProblem }, "the chat template cannot be used");
  const description: DraftServiceDescription = {
    draftModelId: options.draft === undefined ? "" : basename(options.draft.directory),
    targetModelId: pool.description.modelId,
    targetWeights: pool.description.weights,
    defaultPolicy: parsePolicy(options.policy).spec,
    contextLength: facts.contextLength,
    draftContextLength: model?.contextLength ?? 0,
    hasChatTemplate: tokenizer.chatTemplate !== undefined && templateProblem === undefined,
    maxRequests: options.maxRequests,
    numDraftParameters: (options.draft && (await countParameters(options.draft.directory))) || 0,
    numTargetParameters: pool.description.numParameters,
    roundTripMs: pool.roundTripMs,
    emulatedDraftMs: options.draft?.emulatedForwardMs ?? "",
    emulatedTargetMs: pool.description.emulatedForwardMs,
    sharedVocabulary: vocabulary?.commonShare ?? 1,
    hasOtherVocabulary: vocabulary?.isSame === false,
  };
  const { timeouts, metricsListen, tracer } = options;
  const labels = { model_name: description.targetModelId };
  const read = () => ({
    num_requests_running: handler.numRunning,
    round_trip_seconds: pool.roundTripMs / 1000 || undefined,
    shared_vocabulary_ratio: vocabulary?.commonShare,
    ...(options.listen === undefined ? {} : readProcessMemory()), // else the verifier tells it
  });
  const isMetered = metricsListen !== undefined || options.listen === undefined;
  const source = isMetered ? createMetrics(draftCatalogue, read, labels) : undefined;
  const metrics = source && requestMetrics(source.recorder(labels));
  const promptTokenizer = createPromptTokenizer(tokenizer, logger);
  const handler = createGenerationHandler({
    ...parts,
    facts,
    encodePrompt: createSharedPrompts(createPromptEncoder(facts, promptTokenizer)),
    timeouts,
    description,
    metrics,
    tracer,
  });
  const metricsServer =
    source && metricsListen ? await openMetricsServer(metricsListen, source) : undefined;
  const { server, client } = await openServer(options, handler).catch(async (error) => {
    await metricsServer?.close();
    throw error;
  });
  server.setServing(true);

  let ended: Promise<void> | undefined;
  const end = (endServer: () => Promise<void>) => {
    handler.drain();
    ended ??= endServer()
      .then(() => metricsServer?.close())
      .then(promptTokenizer.close)
      .then(closeAll);
    return ended;
  };
  const close = async () => {
    await server.close(); // also in the middle of a drain
    await end(async () => {});
  };
  return {
    address: server.address,
    description,
    client,
    metrics: source,
    get numRunning() {
      return handler.numRunning;
    },
    drain: (timeoutMs) => end(() => server.drain(timeoutMs)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openServer(
  options: DraftServiceOptions,
  handler: GenerationHandler,
): Promise<{ readonly server: GrpcServer; readonly client?: GenerationClient }> {
  const { listen, writeTimeoutMs } = options;
  if (listen === undefined) return localGeneration(handler);
  const service = generationService(handler, writeTimeoutMs);
  return { server: await openGrpcServer({ ...options, listen }, [service]) };
}

/** What a request is checked against: the target's limits and tokenizer, and what its verifier lets a client have. */
function factsOf(verifier: VerifierDescription, tokenizer: ModelTokenizer): TargetFacts {
  const { numTokenIds, eosTokenIds, defaultSampling, limits } = verifier;
  const contextLength = Math.min(verifier.contextLength, limits.maxClientTokens || Infinity);
  return { vocabSize: numTokenIds, contextLength, eosTokenIds, defaultSampling, tokenizer };
}
