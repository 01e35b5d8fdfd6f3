import type { Performance } from "../performance.ts";
import { modelsOf, performTape, type Tape } from "./tape.ts";

/**
 * The same text with a draft model that ends exactly before the first draft token that would be rejected:
 * none is wasted, and none that would have been right is missed. With `static` of the longest length it
 * is the limit of what any stopping rule can reach in rounds at these costs.
 */
export function performWithForesight(tape: Tape, maxDraftLength: number): Performance {
  const { promptTokenIds, tokenIds } = tape;
  return {
    ...performTape(tape, maxDraftLength),
    async open() {
      const models = modelsOf(tape);
      return {
        ...models,
        drafter: {
          ...models.drafter,
          async propose(text, length, paths, numCandidates) {
            const proposal = await models.drafter.propose(text, length, paths, numCandidates);
            if ("obstacle" in proposal) return proposal;
            const places = proposal.places.map((place, index) => {
              const at = length - promptTokenIds.length + (paths[index]?.length ?? 0);
              const isRight = place.candidates[0]?.tokenId === tokenIds[at];
              return isRight ? place : { ...place, candidates: [] };
            });
            return { places };
          },
        },
      };
    },
  };
}
