import { matchProbabilities } from "@adaedl/core";

/**
 * The match probability as far as the target's most probable tokens say it: of those tokens and all others as one more, of which
 * no match is counted. It is close to the exact one where the others have little mass, and compares two drafts of one target.
 * @param ids of the target, without duplicates
 * @param logprobs the target's, at temperature 1
 * @param logits the draft's [vocabSize]
 * @returns 0 to 1
 */
export function matchOfTops(ids: Int32Array, logprobs: Float32Array, logits: Float32Array): number {
  const peak = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - peak), 0);
  const target = new Float64Array(ids.length + 1);
  const draft = new Float64Array(ids.length + 1);
  ids.forEach((id, index) => {
    target[index] = Math.exp(logprobs[index] as number);
    draft[index] = Math.exp((logits[id] as number) - peak) / sum;
  });
  for (const probs of [target, draft])
    probs[ids.length] = Math.max(1e-6, 1 - probs.reduce((total, prob) => total + prob, 0));
  const matches = matchProbabilities(target, draft).subarray(0, ids.length);
  return matches.reduce((total, match) => total + match, 0);
}
