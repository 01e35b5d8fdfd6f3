import { basename } from "node:path";
import { AdaedlError, parsePolicy } from "@adaedl/core";
import {
  checkDrafters,
  createDrafterFactories,
  type DrafterFactory,
  defaultDrafters,
  type TargetFacts,
  withDraftWeights,
} from "@adaedl/engine";
import type { OnlineLearner } from "@adaedl/learning";
import { countParameters, type ModelTokenizer } from "@adaedl/model";
import type {
  DraftServiceDescription,
  GenerationClient,
  VerifierDescription,
} from "@adaedl/protocol";
import {
  createMetrics,
  draftCatalogue,
  type Logger,
  readProcessMemory,
  requestMetrics,
  type ServiceMetrics,
} from "@adaedl/telemetry";
import {
  closeAll,
  type Front,
  type OpenedParts,
  openClient,
  openFront,
  openModels,
} from "./draft-parts.ts";
import type { DraftModel } from "./drafting/draft-model.ts";
import { openSafeDrafter } from "./drafting/safe-drafter.ts";
import { provideTargetTokenizer, type TargetTokenizer } from "./drafting/target-tokenizer.ts";
import { createPromptEncoder } from "./generation/encode-prompt.ts";
import { createGenerationHandler } from "./generation/generation-handler.ts";
import { createPromptTokenizer } from "./generation/prompt-tokenizer.ts";
import { createSharedPrompts } from "./generation/shared-prompts.ts";
import { learningMetrics, openLearner, openLearnt } from "./learning/open-learner.ts";
import type { DraftServiceOptions } from "./options.ts";
import { openVerifierPool, type VerifierPool } from "./verifiers/verifier-pool.ts";

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
 * Listens, opens the draft model and waits for a verifier. Until it serves, health says NOT_SERVING.
 * @throws AdaedlError when the model cannot be run, the verifiers run something that does not fit it
 *   (`failed_precondition`), or the address cannot be listened on; nothing is left open then
 */
export async function startDraftService(
  options: DraftServiceOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<RunningDraftService> {
  for (const verifier of options.verifiers)
    if (typeof verifier !== "string") verifier.catch(() => {}); // it may fail before it is needed
  parsePolicy(options.policy);
  checkDrafters(options.drafters, options.draft !== undefined); // both before anything is opened
  const opened: OpenedParts = { clients: [] };
  try {
    const front = await openFront(options, opened);
    // Started by its address: those of this process follow when they run.
    const verifiers = options.verifiers.map((verifier) =>
      typeof verifier === "string" ? openClient(verifier, options) : verifier,
    );
    opened.clients = verifiers.flatMap((one) => (one instanceof Promise ? [] : [one]));
    const draft = options.draft && (await withDraftWeights(options.draft));
    if (draft?.weights !== options.draft?.weights)
      logger.info(
        { weights: draft?.weights },
        "the draft model is large: its weights are loaded in a shorter form",
      );
    const learnt = await openLearnt(options, logger);
    const live = draft && { ...draft, directory: learnt?.draft ?? draft.directory };
    const { own, named } = await openModels(options, live, opened, logger, signal);
    const { model } = opened;
    const clients = await Promise.all(verifiers);
    opened.clients = clients;
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
    if (learnt !== undefined && model !== undefined)
      opened.learner = await openLearner(learnt, model, vocabulary, logger, signal);
    const { learner } = opened;
    return await serve(options, { ...target, model, learner, drafters, pool, logger }, front, () =>
      closeAll(opened),
    );
  } catch (error) {
    await opened.server?.close();
    await closeAll(opened);
    throw error;
  }
}

interface ServiceParts extends TargetTokenizer {
  readonly model: DraftModel | undefined;
  readonly drafters: readonly DrafterFactory[];
  readonly pool: VerifierPool;
  readonly learner: OnlineLearner | undefined;
  readonly logger: Logger;
}

async function serve(
  options: DraftServiceOptions,
  parts: ServiceParts,
  { server, client, serve }: Front,
  closeParts: () => Promise<void>,
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
    ...learningMetrics(parts.learner),
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
  serve(handler, source);

  let ended: Promise<void> | undefined;
  const end = (endServer: () => Promise<void>) => {
    handler.drain();
    ended ??= endServer().then(promptTokenizer.close).then(closeParts);
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

/** What a request is checked against: the target's limits and tokenizer, and what its verifier lets a client have. */
function factsOf(verifier: VerifierDescription, tokenizer: ModelTokenizer): TargetFacts {
  const { numTokenIds, eosTokenIds, defaultSampling, limits } = verifier;
  const contextLength = Math.min(verifier.contextLength, limits.maxClientTokens || Infinity);
  return { vocabSize: numTokenIds, contextLength, eosTokenIds, defaultSampling, tokenizer };
}
