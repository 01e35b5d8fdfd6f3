import { type GuessDistribution, invalidField } from "@adaedl/core";
import type {
  GuessDistributions,
  GuessDistributions__Output,
} from "../gen/adaedl/v2/GuessDistributions.ts";
import { decodeDistribution } from "./decode-distribution.ts";

const field = "offer.distributions";

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
