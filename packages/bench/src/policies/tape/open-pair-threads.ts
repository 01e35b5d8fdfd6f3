import {
  createStepScheduler,
  openModelThread,
  readTargetFacts,
  TargetEngine,
} from "@adaedl/engine";
import { loadTokenizer, mapVocabulary, type VocabularyMap } from "@adaedl/model";

/** The two models of a pair, for several texts side by side. */
export interface PairThreads {
  readonly target: TargetEngine;
  readonly draft: ReturnType<typeof createStepScheduler>;
  readonly vocabulary: VocabularyMap;
}

/**
 * Opens both models of a pair, one intra-op thread each.
 * @param target model directory, as is `draft`
 * @throws AdaedlError when one cannot be opened; none is left open then
 */
export async function openPairThreads(
  target: string,
  draft: string,
  signal: AbortSignal,
): Promise<PairThreads & AsyncDisposable> {
  const { tokenizer, vocabSize } = await readTargetFacts(target);
  const vocabulary = mapVocabulary(tokenizer, await loadTokenizer(draft), vocabSize);
  const open = (directory: string) => openModelThread({ directory, numThreads: 1 }, signal);
  const targetThread = await open(target);
  try {
    const draftThread = createStepScheduler(await open(draft));
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
