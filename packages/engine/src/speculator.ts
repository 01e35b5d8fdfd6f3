import { createPolicyMemory, type DrafterKind } from "@adaedl/core";
import {
  haveSameTokenizer,
  loadTokenizer,
  type ModelTokenizer,
  mapVocabulary,
} from "@adaedl/model";
import { type ModelInfo, type ModelThreadOptions, openModelThread } from "@adaedl/runtime";
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
  /** `readTargetFacts` of the target, where the caller reads them: no model is opened before they are there. */
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
  /** The first that fails ends the others. */
  const orFail = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error) => {
      failing.abort(error);
      throw error;
    });
  // Side by side: tokenizers take about as long as threads, which load their code until the facts are there.
  const ready = Promise.resolve(options.facts);
  const open = (model: () => ModelThreadOptions | Promise<ModelThreadOptions>) =>
    orFail(openModelThread(ready.then(model), ending));
  const { draft: draftOptions } = options;
  const [openedTarget, openedDraft, texts] = await Promise.allSettled([
    open(() => options.target),
    draftOptions && open(() => withDraftWeights(draftOptions)),
    orFail(readTexts(options, ending)),
  ]);
  if (failing.signal.aborted) {
    for (const opened of [openedTarget, openedDraft])
      if (opened.status === "fulfilled") await opened.value?.close();
    throw failing.signal.reason;
  }
  const [target, draftThread] = [settledValue(openedTarget), settledValue(openedDraft)];
  const { facts, vocabulary, corpus } = settledValue(texts);
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

/** Reads the tokenizers, and encodes the corpus. */
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

/** Of what has not failed. */
function settledValue<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
