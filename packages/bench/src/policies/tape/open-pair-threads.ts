import { createStepScheduler, openModelThread } from "@adaedl/engine";
import type { PairThreads } from "./record-tape.ts";

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
  const open = async (directory: string) =>
    createStepScheduler(await openModelThread({ directory, numThreads: 1 }, signal));
  const targetThread = await open(target);
  try {
    const draftThread = await open(draft);
    return {
      target: targetThread,
      draft: draftThread,
      async [Symbol.asyncDispose]() {
        await Promise.all([targetThread.close(), draftThread.close()]);
      },
    };
  } catch (error) {
    await targetThread.close();
    throw error;
  }
}
