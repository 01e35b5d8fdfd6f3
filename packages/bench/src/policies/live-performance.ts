import {
  defaultSamplingParams,
  type SamplingParams,
  type VerificationRuleName,
} from "@adaedl/core";
import { openDraftSession, openTargetSession } from "@adaedl/engine";
import type { Performance } from "./performance.ts";
import type { PairThreads } from "./tape/record-tape.ts";

export interface LiveOptions {
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  readonly sampling: Partial<SamplingParams>;
  readonly verification: VerificationRuleName;
  readonly numTokens: number;
  readonly maxDraftLength: number;
}

/**
 * A text that the models decode anew each time: under the rejection rule it depends on where drafts
 * begin and end, so that there is nothing to be taped.
 */
export function performLive({ target, draft }: PairThreads, options: LiveOptions): Performance {
  const { promptTokenIds, seed, verification, numTokens, maxDraftLength } = options;
  const sampling = { ...defaultSamplingParams, ...options.sampling };
  const settings = { sampling, seed, verification, numPromptTokens: promptTokenIds.length };
  return {
    promptTokenIds,
    numTokens,
    maxDraftLength,
    async open(signal) {
      const verifier = await openTargetSession(target, settings, signal);
      try {
        const drafter = await openDraftSession(draft, settings, signal);
        return {
          drafter,
          verifier,
          async [Symbol.asyncDispose]() {
            await Promise.all([drafter.close(), verifier.close()]);
          },
        };
      } catch (error) {
        await verifier.close();
        throw error;
      }
    },
  };
}
