import { AdaedlError, createPolicyMemory, type DrafterKind } from "@adaedl/core";
import {
  haveSameTokenizer,
  loadTokenizer,
  type ModelTokenizer,
  mapVocabulary,
} from "@adaedl/model";
import {
  type ModelInfo,
  type ModelThread,
  type ModelThreadOptions,
  openModelThread,
} from "@adaedl/runtime";
import { openBranchingDrafter } from "./drafting/branching-drafter.ts";
import { withDraftWeights } from "./drafting/draft-weights.ts";
import {
  checkDrafters,
  createDrafterFactories,
  defaultDrafters,
} from "./drafting/drafter-factories.ts";
import { type GenerationEvent, type GenerationParts, generate } from "./generate.ts";
import type { GenerationRequest } from "./generation-request.ts";
import { localVerifier } from "./local-verifier.ts";
import { createStepScheduler } from "./step-scheduler.ts";
import { TargetEngine } from "./target/target-engine.ts";
import { readTargetFacts, type TargetFacts } from "./target-facts.ts";

export interface SpeculatorOptions {
  readonly target: ModelThreadOptions;
  /** Without a draft model every request is decoded plainly. Default precision: `defaultDraftWeights`. */
  readonly draft?: ModelThreadOptions | undefined;
  /** What drafts, each kind once; default: `defaultDrafters`. */
  readonly drafters?: readonly DrafterKind[] | undefined;
  /** A text such as those that will be written, for `aded` to begin with. */
  readonly corpus?: string | undefined;
  /** `readTargetFacts` of the target, where the caller reads them: no model is opened before, or when that fails. */
  readonly facts?: TargetFacts | Promise<TargetFacts>;
}

/** A target and a draft model on one machine, ready for requests. */
export interface Speculator extends AsyncDisposable {
  readonly facts: TargetFacts;
  readonly targetWeights: ModelInfo["weights"];
  /** Undefined without a draft model. */
  readonly draftWeights: ModelInfo["weights"] | undefined;
  /**
   * Decodes one request. Any number may run at a time; ending the iteration or aborting the signal
   * ends the work.
   * @throws AdaedlError for a bad request (before any model work), an abort, or a model's failure
   */
  generate(request: GenerationRequest, signal?: AbortSignal): AsyncGenerator<GenerationEvent>;
  close(): Promise<void>;
}

/**
 * Opens both models.
 * @throws AdaedlError when one cannot be opened (none is left open then), or `failed_precondition`
 *   when they have no token in common
 */
export async function openSpeculator(
  options: SpeculatorOptions,
  signal?: AbortSignal,
): Promise<Speculator> {
  checkDrafters(options.drafters, options.draft !== undefined);
  const failing = new AbortController();
  const ending = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  // Side by side: tokenizers take about as long as the models' threads.
  // Threads load their code until the facts are there, or at once.
  const ready = Promise.resolve(options.facts);
  const { draft: draftOptions } = options;
  const opening = openAll(
    [
      ready.then(() => options.target),
      draftOptions && ready.then(() => withDraftWeights(draftOptions)),
    ],
    ending,
  );
  const [opened, texts] = await Promise.allSettled([
    opening,
    readTexts(options, ending).catch((error) => {
      failing.abort(error);
      throw error;
    }),
  ]);
  if (texts.status === "rejected") {
    if (opened.status === "fulfilled") await closeAll(opened.value);
    throw texts.reason;
  }
  if (opened.status === "rejected") throw opened.reason;
  const { facts, vocabulary, corpus } = texts.value;
  const [target, draftThread] = opened.value;
  if (target === undefined) throw new AdaedlError("internal", "the target was not opened");
  const engine = new TargetEngine(target, { cacheBytes: Infinity, maxSessions: Infinity });
  const draft = draftThread && createStepScheduler(draftThread);
  const close = async () => {
    await Promise.all([target.close(), draft?.close()]);
  };
  const parts: GenerationParts = {
    facts,
    policyMemory: createPolicyMemory(),
    openVerifier: (_, terms) => localVerifier(engine, terms),
    drafters: createDrafterFactories(
      options.drafters ?? defaultDrafters(draft !== undefined),
      draft &&
        ((settings, width, signal) =>
          openBranchingDrafter(draft, settings, { width, vocabulary }, signal)),
      { corpus: corpus || undefined },
    ),
  };
  return {
    facts,
    targetWeights: target.info.weights,
    draftWeights: draft?.info.weights,
    // Nobody watches here, whatever else may be in the request.
    generate: (request, signal) => generate(parts, { ...request, wantsDetails: false }, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What is read of the models' files for the texts that they are to write. */
async function readTexts(options: SpeculatorOptions, signal: AbortSignal) {
  const facts = await (options.facts ?? readTargetFacts(options.target.directory));
  const own = options.draft && (await draftTokenizer(facts, options.target, options.draft));
  const vocabulary = own && mapVocabulary(facts.tokenizer, own, facts.vocabSize);
  const corpus =
    options.corpus && (await facts.tokenizer.encodeInTurns(options.corpus, { signal }));
  return { facts, vocabulary, corpus };
}

/** The usual case, the target's own files, is not loaded once more. */
async function draftTokenizer(
  { tokenizer }: TargetFacts,
  target: ModelThreadOptions,
  draft: ModelThreadOptions,
): Promise<ModelTokenizer> {
  const isSame = await haveSameTokenizer(target.directory, draft.directory);
  return isSame ? tokenizer : loadTokenizer(draft.directory);
}

/** Opens models side by side: all of them, or none. */
async function openAll(
  models: readonly (Promise<ModelThreadOptions> | undefined)[],
  signal: AbortSignal,
): Promise<(ModelThread | undefined)[]> {
  const opened = await Promise.allSettled(
    models.map(async (model) => model && openModelThread(model, signal)),
  );
  const failed = opened.find((result) => result.status === "rejected");
  const threads = opened.map((result) =>
    result.status === "fulfilled" ? result.value : undefined,
  );
  if (failed === undefined) return threads;
  await closeAll(threads);
  throw failed.reason;
}

async function closeAll(threads: readonly (ModelThread | undefined)[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread?.close()));
}
