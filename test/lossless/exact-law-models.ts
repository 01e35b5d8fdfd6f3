import {
  adjust,
  rowFromLogits,
  type SamplingParams,
  Text,
  type TokenDistribution,
} from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";

export const prompt: readonly number[] = [0, 1];

/** A language model in name only: random logits for every text, always the same for the same text. */
export interface ScriptedModel {
  /** What it would say next after `tokenIds`. */
  distributionAfter(tokenIds: readonly number[], sampling: SamplingParams): TokenDistribution;
}

/** @param spread standard deviation of the logits: 0 knows nothing, 5 is nearly certain */
export function createScriptedModel(
  seed: number,
  vocabSize: number,
  spread: number,
): ScriptedModel {
  function adjusted(tokenIds: readonly number[], sampling: SamplingParams): TokenDistribution {
    const hash = new Text([seed, ...tokenIds]).fence().hash;
    const { normal } = createTestRandom(Number(hash & 0xffffffffn));
    const logits = Float32Array.from({ length: vocabSize }, () => normal() * spread);
    const history = { tokenIds, length: tokenIds.length, numPromptTokens: prompt.length };
    return adjust(rowFromLogits(logits), sampling, history);
  }

  const known = new WeakMap<SamplingParams, Map<string, TokenDistribution>>();
  return {
    distributionAfter(tokenIds, sampling) {
      const bySampling = known.get(sampling) ?? new Map<string, TokenDistribution>();
      known.set(sampling, bySampling);
      const text = tokenIds.join(" ");
      const distribution = bySampling.get(text) ?? adjusted([...tokenIds], sampling);
      bySampling.set(text, distribution);
      return distribution;
    },
  };
}

/** A model of given probabilities (at temperature 1). */
export function createTableModel(
  probsAfter: (tokenIds: readonly number[]) => readonly number[],
): ScriptedModel {
  return {
    distributionAfter(tokenIds, sampling) {
      const logits = Float32Array.from(probsAfter(tokenIds), Math.log);
      return adjust(rowFromLogits(logits), sampling);
    },
  };
}
