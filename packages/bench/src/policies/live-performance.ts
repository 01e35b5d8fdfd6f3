import {
  defaultSamplingParams,
  type SamplingParams,
  type VerificationRuleName,
} from "@adaedl/core";
import { openBranchingDrafter } from "@adaedl/engine";
import { openLiveTarget } from "./live-target.ts";
import type { Performance } from "./performance.ts";
import type { PairThreads } from "./tape/open-pair-threads.ts";

export interface LiveOptions {
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  readonly sampling: Partial<SamplingParams>;
  readonly verification: VerificationRuleName;
  readonly numTokens: number;
  readonly maxDraftLength: number;
}

/** Places in one draft forward of a stream. */
const width = 4;

/**
 * A text that the models decode anew each time: under the rejection rule it depends on where drafts
 * begin and end, so that there is nothing to be taped.
 */
export function performLive(
  { target, draft, vocabulary }: PairThreads,
  options: LiveOptions,
): Performance {
  const { promptTokenIds, seed, verification, numTokens, maxDraftLength } = options;
  const sampling = { ...defaultSamplingParams, ...options.sampling };
  const numPromptTokens = promptTokenIds.length;
  const settings = { sampling, seed, verification, numPromptTokens };
  return {
    ...{ promptTokenIds, seed, temperature: sampling.temperature },
    numTokens,
    maxDraftLength,
    async open(signal) {
      const drafter = await openBranchingDrafter(draft, settings, { width, vocabulary }, signal);
      const maxLength = numPromptTokens + numTokens;
      const live = openLiveTarget(target, settings, promptTokenIds, maxLength, signal);
      return {
        drafter,
        judge: live.judge,
        async [Symbol.asyncDispose]() {
          await Promise.all([drafter.close(), live[Symbol.asyncDispose]()]);
        },
      };
    },
  };
}
