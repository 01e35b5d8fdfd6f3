import { invalidField } from "../errors.ts";
import type { Offer } from "./messages.ts";

/** Draft tokens in one offer. */
export const maxOfferedNodes = 256;

/**
 * Limits that every honest edge keeps.
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function checkOffer({ nodes, firstId }: Offer, numTokenIds: number): void {
  if (nodes.length > maxOfferedNodes)
    throw invalidField("offer.nodes", nodes.length, `must be at most ${maxOfferedNodes}`);
  if (!(firstId >= 1)) throw invalidField("offer.first_id", firstId, "must be 1 or more");
  for (const [index, { parent, tokenId, chance }] of nodes.entries()) {
    const field = (name: string) => `offer.nodes[${index}].${name}`;
    const id = firstId + index;
    if (!(parent >= 0 && parent < id))
      throw invalidField(field("parent"), parent, `must be 0 to ${id - 1}`);
    if (!(tokenId >= 0 && tokenId < numTokenIds))
      throw invalidField(field("token_id"), tokenId, `must be 0 to ${numTokenIds - 1}`);
    if (!(chance > 0 && chance <= 1))
      throw invalidField(field("chance"), chance, "must be above 0 and at most 1");
  }
}
