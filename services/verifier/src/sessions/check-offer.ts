import { checkOffer, invalidField, type Offer, type VerificationRuleName } from "@adaedl/core";

/**
 * Checks an offer by itself and its token ids, those of distributions too.
 * @param numTokenIds token ids are below this
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function checkOfferedIds(offer: Offer, numTokenIds: number): void {
  checkOffer(offer, numTokenIds);
  for (const [index, { distribution }] of offer.nodes.entries()) {
    const unknown = distribution?.tokenIds.find((tokenId) => tokenId >= numTokenIds);
    if (unknown !== undefined)
      throw invalidField(
        `offer.distributions[${index}].token_ids`,
        unknown,
        `must be whole numbers from 0 to ${numTokenIds - 1}`,
      );
  }
}

/**
 * Each draft token has its distribution where the rule needs it, and otherwise none has.
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function checkDistributions({ nodes }: Offer, verification: VerificationRuleName): void {
  for (const [index, { distribution }] of nodes.entries())
    if ((distribution !== undefined) !== (verification === "rejection"))
      throw invalidField(
        `offer.distributions[${index}]`,
        distribution === undefined ? "none" : "one",
        "must be there with the rejection rule, and only with it",
      );
}
