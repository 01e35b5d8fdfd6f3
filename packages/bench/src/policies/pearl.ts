import { type CostModel, forwardMs } from "./cost-model.ts";
import type { PlayResult } from "./play.ts";
import type { Tape } from "./tape/tape.ts";

/** Draft lengths that are tried: where a draft takes as long as a forward and a round trip, and beyond. */
const longestDraft = 24;

/**
 * PEARL (arXiv 2408.11850) as a baseline: the draft model drafts the next block while the target verifies
 * the last one, and both wait for each other at the end of each step. With the block length that turns
 * out to be the best for these costs, as `best-static`.
 */
export function playPearl(tapes: readonly Tape[], costs: CostModel): PlayResult {
  const lengths = Array.from({ length: longestDraft }, (_, index) => index + 1);
  const results = lengths.map((gamma) => playBlocks(tapes, costs, gamma));
  return results.reduce((best, one) => (one.durationMs < best.durationMs ? one : best));
}

function playBlocks(tapes: readonly Tape[], costs: CostModel, gamma: number): PlayResult {
  const draftMs = gamma * costs.draftMs;
  const draftLengths: number[] = [];
  let durationMs = 0;
  let numAccepted = 0;
  for (const { places, tokenIds } of tapes) {
    const isRight = (at: number) => places[at]?.candidates[0]?.tokenId === tokenIds[at];
    let numWritten = 0;
    /** Draft tokens of the last block that are not verified: its first one was accepted in pre-verify. */
    let numPending = 0;
    while (numWritten < tokenIds.length) {
      durationMs += Math.max(draftMs, costs.rttMs + forwardMs(costs, numPending));
      draftLengths.push(numPending);
      let numHeld = 0;
      while (numHeld < numPending && isRight(numWritten + numHeld)) numHeld++;
      numAccepted += numHeld;
      // The row after the pending ones says what the first token of the new block should be.
      const goesOn = numHeld === numPending && isRight(numWritten + numHeld);
      numWritten += numHeld + 1;
      numPending = goesOn ? gamma - 1 : 0;
    }
  }
  const numForwards = draftLengths.length;
  return {
    ...{ durationMs, draftLengths, numAccepted, numForwards, numRoundTrips: numForwards },
    ...{ numDraftForwards: gamma * numForwards, numMasks: 0 },
    numDrafted: draftLengths.reduce((sum, length) => sum + length, 0),
    numTokens: tapes.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
  };
}
