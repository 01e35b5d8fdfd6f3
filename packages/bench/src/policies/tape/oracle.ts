import type { Performance } from "../performance.ts";
import { modelsOf, performTape, type Tape } from "./tape.ts";

/**
 * The same text with a draft model that stops exactly before the first guess that would be refused: no
 * guess is wasted, and none that would have been right is missed. With `static` of the longest length it
 * is the limit of what any stopping rule can reach at these costs.
 */
export function performWithForesight(tape: Tape, maxDraftLength: number): Performance {
  const { promptTokenIds, tokenIds } = tape;
  return {
    ...performTape(tape, maxDraftLength),
    async open() {
      const { drafter, verifier } = modelsOf(tape);
      return {
        verifier,
        drafter: {
          async *draft(round, signal) {
            let place = round.text.length - promptTokenIds.length;
            for await (const guess of drafter.draft(round, signal)) {
              if (guess.tokenId !== tokenIds[place++]) return;
              yield guess;
            }
          },
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
