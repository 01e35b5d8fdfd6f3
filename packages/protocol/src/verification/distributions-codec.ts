import { type GuessDistribution, invalidField } from "@adaedl/core";
import type {
  GuessDistributions,
  GuessDistributions__Output,
} from "../gen/adaedl/v2/GuessDistributions.ts";

const field = "offer.distributions";
const maxCandidates = 256;
const maxWeight = 1.001;
const maxWeightSum = 1.01;
/** What an Int32Array holds: a larger id would become a negative one. */
const maxTokenId = 2 ** 31 - 1;

export function encodeDistributions(
  distributions: readonly (GuessDistribution | undefined)[],
): GuessDistributions {
  return {
    sizes: distributions.map((distribution) => distribution?.tokenIds.length ?? 0),
    tokenIds: distributions.flatMap((distribution) => [...(distribution?.tokenIds ?? [])]),
    weights: distributions.flatMap((distribution) => [...(distribution?.weights ?? [])]),
  };
}

/**
 * @param drafted the token of each node
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function decodeDistributions(
  { sizes, tokenIds, weights }: GuessDistributions__Output,
  drafted: readonly number[],
): GuessDistribution[] {
  if (sizes.length !== drafted.length)
    throw invalidField(
      `${field}.sizes`,
      sizes.length,
      `must be one for each node (${drafted.length})`,
    );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  for (const [name, list] of Object.entries({ token_ids: tokenIds, weights }))
    if (list.length !== total)
      throw invalidField(
        `${field}.${name}`,
        list.length,
        `must be as many as the sizes add up to (${total})`,
      );
  let end = 0;
  return sizes.map((size, index) => {
    const start = end;
    end += size;
    const part = { tokenIds: tokenIds.slice(start, end), weights: weights.slice(start, end) };
    return decodeDistribution(part, drafted[index] as number, `${field}[${index}]`);
  });
}

/**
 * One of them, as many weights as token ids. Rejects and never clamps: a wrong distribution would change the distribution of the text.
 * @param drafted the token that was drawn from it
 * @param field its name in error messages
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function decodeDistribution(
  { tokenIds, weights }: Pick<GuessDistributions__Output, "tokenIds" | "weights">,
  drafted: number,
  field: string,
): GuessDistribution {
  if (tokenIds.length === 0 || tokenIds.length > maxCandidates)
    throw invalidField(
      `${field}.token_ids`,
      `${tokenIds.length} ids`,
      `must be 1 to ${maxCandidates} ids`,
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
