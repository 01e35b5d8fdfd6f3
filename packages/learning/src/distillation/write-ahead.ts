import { textsOf } from "./choose-texts.ts";
import type { DistillOptions } from "./distill.ts";
import type { SampledText, TextToSample } from "./sample-texts.ts";

/** A token of 64 texts that are written at once takes 0.7 of the time of one of 16. */
const mostSteps = 4;
/** Of the logits of texts that are written at once. */
const mostLogitBytes = 2 ** 28;

/** The texts of one step after the other. */
export interface WrittenTexts extends AsyncDisposable {
  next(): Promise<SampledText[]>;
}

/**
 * Has the target write the texts of some steps at once, and the next ones while the draft learns from these, as far as
 * there is room for their logits.
 * @param firstStep from 0 on
 * @param sample writes texts
 */
export function writeAhead(
  options: DistillOptions,
  firstStep: number,
  vocabSize: number,
  sample: (texts: readonly TextToSample[], signal: AbortSignal) => Promise<SampledText[]>,
): WrittenTexts {
  const { numTexts, length, budget } = options;
  const numFitting = Math.floor(mostLogitBytes / (4 * numTexts * length * vocabSize));
  const numAtOnce = Math.max(1, Math.min(mostSteps, numFitting));
  let [numRequested, written]: [number, SampledText[]] = [firstStep, []];
  const ending = new AbortController();
  let coming: Promise<SampledText[]> | undefined;
  const write = () => {
    const numLeft = "ms" in budget ? numAtOnce : budget.numSteps - numRequested;
    const numSteps = Math.min(numAtOnce, numLeft);
    if (numSteps <= 0) return undefined;
    const choice = { ...options, numTexts: numTexts * numSteps };
    const texts = sample(textsOf(choice, numRequested * numTexts), ending.signal);
    texts.catch(() => {}); // `next` throws it; nobody may call that again
    numRequested += numSteps;
    return texts;
  };
  return {
    async next() {
      if (written.length === 0) {
        written = (await (coming ?? write())) ?? [];
        coming = numFitting > 0 ? write() : undefined;
      }
      return written.splice(0, numTexts);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await coming?.catch(() => {});
    },
  };
}
