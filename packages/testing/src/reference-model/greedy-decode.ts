import type { ReferenceModel } from "./load-reference-model.ts";

/**
 * Continues a prompt with the likeliest token each time, the lowest id if several are. Runs the
 * whole sequence anew for every token and stops at none.
 *
 * @param promptIds - [at least 1]
 * @returns the new tokens only, [numTokens]
 * @throws RangeError when the prompt is empty or has a token that is not in the vocabulary
 */
export function greedyDecode(
  model: Pick<ReferenceModel, "logits">,
  promptIds: readonly number[],
  numTokens: number,
): number[] {
  if (promptIds.length === 0) throw new RangeError("the prompt is empty");
  const tokenIds = [...promptIds];
  while (tokenIds.length < promptIds.length + numTokens) {
    const logits = model.logits(tokenIds).at(-1) ?? new Float64Array();
    // indexOf finds the first, so ties go to the lowest id.
    tokenIds.push(logits.indexOf(Math.max(...logits)));
  }
  return tokenIds.slice(promptIds.length);
}
