import { type GuessDistribution, invalidField } from "@adaedl/core";

const maxCandidates = 256;
const maxWeight = 1.001;
const maxWeightSum = 1.01;
/** What an Int32Array holds: a larger id would become a negative one. */
const maxTokenId = 2 ** 31 - 1;

interface WireDistribution {
  readonly tokenIds: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Rejects and never clamps: a wrong distribution would change the distribution of the text.
 * @param drafted the token that was drawn from it
 * @param field its name in error messages
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function decodeDistribution(
  { tokenIds, weights }: WireDistribution,
  drafted: number,
  field: string,
): GuessDistribution {
  if (tokenIds.length === 0 || tokenIds.length > maxCandidates)
    throw invalidField(
      `${field}.token_ids`,
      `${tokenIds.length} ids`,
      `must be 1 to ${maxCandidates} ids`,
    );
  if (weights.length !== tokenIds.length)
    throw invalidField(
      `${field}.weights`,
      `${weights.length} weights`,
      `must be as many as there are ids (${tokenIds.length})`,
    );
  const bad = weights.findIndex((weight) => !(weight > 0 && weight <= maxWeight));
  if (bad >= 0)
    throw invalidField(
      `${field}.weights[${bad}]`,
      weights[bad],
      `must be above 0 and at most ${maxWeight}`,
    );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum > maxWeightSum)
    throw invalidField(`${field}.weights`, sum, `must add up to at most ${maxWeightSum}`);
  if (new Set(tokenIds).size !== tokenIds.length)
    throw invalidField(`${field}.token_ids`, tokenIds.join(), "must all be different");
  const unheld = tokenIds.find((tokenId) => tokenId > maxTokenId);
  if (unheld !== undefined)
    throw invalidField(`${field}.token_ids`, unheld, `must be at most ${maxTokenId}`);
  if (!tokenIds.includes(drafted))
    throw invalidField(`${field}.token_ids`, drafted, "must hold the drafted token");
  return { tokenIds: Int32Array.from(tokenIds), weights: Float32Array.from(weights) };
}
