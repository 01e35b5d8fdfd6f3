import type { WeightPrecision } from "@adaedl/core";
import {
  createStepScheduler,
  openModelThread,
  readTargetFacts,
  TargetEngine,
  withDraftWeights,
} from "@adaedl/engine";
import { loadTokenizer, mapVocabulary, type VocabularyMap } from "@adaedl/model";

/** The two models of a pair, for several texts side by side. */
export interface PairThreads {
  readonly target: TargetEngine;
  readonly draft: ReturnType<typeof createStepScheduler>;
  readonly vocabulary: VocabularyMap;
}

/** Model directories, and the precisions that they run in; default: as services choose them. */
export interface PairModels {
  readonly target: string;
  readonly draft: string;
  readonly weights?: WeightPrecision | undefined;
  readonly draftWeights?: WeightPrecision | undefined;
}

/**
 * Opens both models of a pair, one intra-op thread each.
 * @throws AdaedlError when one cannot be opened; none is left open then
 */
export async function openPairThreads(
  { target, draft, weights, draftWeights }: PairModels,
  signal: AbortSignal,
): Promise<PairThreads & AsyncDisposable> {
  const { tokenizer, vocabSize } = await readTargetFacts(target);
  const vocabulary = mapVocabulary(tokenizer, await loadTokenizer(draft), vocabSize);
  const optionsOf = (directory: string, weights: WeightPrecision | undefined) => ({
    ...{ directory, numThreads: 1 },
    ...(weights === undefined ? {} : { weights }),
  });
  const draftOptions = await withDraftWeights(optionsOf(draft, draftWeights));
  const targetThread = await openModelThread(optionsOf(target, weights), signal);
  try {
    const draftThread = createStepScheduler(await openModelThread(draftOptions, signal));
    return {
      target: new TargetEngine(targetThread, { cacheBytes: Infinity, maxSessions: Infinity }),
      draft: draftThread,
      vocabulary,
      async [Symbol.asyncDispose]() {
        await Promise.all([targetThread.close(), draftThread.close()]);
      },
    };
  } catch (error) {
    await targetThread.close();
    throw error;
  }
}
