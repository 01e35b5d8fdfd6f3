import {
  type GuessEvidence,
  guessEvidence,
  type PlaceEvidence,
  parsePolicy,
  type RoundOutcome,
  type StoppingPolicy,
  type StreamDrafting,
} from "@adaedl/core";
import { median } from "../statistics.ts";

const numBatches = 31;
const roundsPerBatch = 200;
const numEvidences = 4096;
/** So much more than a draft token that every policy drafts. */
const forwardMs = 100;

/**
 * What deciding about one place costs, the learning from what the target says included: microseconds,
 * the median over batches, on evidence that was there before. 0 where nothing is drafted.
 */
export function measureDecisionCost(spec: string): number {
  const policy = parsePolicy(spec);
  const evidences = createEvidences();
  if (policy.family === "rounds") return medianUs(createRounds(policy.stopping, evidences));
  return policy.drafting ? medianUs(createPlaces(policy.drafting, evidences)) : 0;
}

/** @param play plays a round, and says how many places were decided about */
function medianUs(play: () => number): number {
  const costsUs: number[] = [];
  for (let batch = 0; batch < numBatches; batch++) {
    const startedAt = performance.now();
    let numDecided = 0;
    for (let round = 0; round < roundsPerBatch; round++) numDecided += play();
    costsUs.push(((performance.now() - startedAt) * 1000) / numDecided);
  }
  return median(costsUs);
}

function createRounds(policy: StoppingPolicy, evidences: readonly GuessEvidence[]): () => number {
  const { maxDraftLength } = policy;
  let place = 0;
  return () => {
    let numDrafted = 0;
    let numDecided = 0;
    while (numDrafted < maxDraftLength) {
      const evidence = evidences[place++ % numEvidences] as GuessEvidence;
      const guess = { index: numDrafted, ...evidence };
      numDecided++;
      if (policy.withholds?.(guess)) break;
      numDrafted++;
      if (policy.stopsAfter(guess)) break;
    }
    const roundMs = forwardMs + 2 * numDrafted;
    if (numDrafted === 0) policy.observePlain?.({ isWithheld: numDecided > 0, roundMs });
    else policy.observe(outcomeOf(numDrafted, place % (numDrafted + 1), maxDraftLength, roundMs));
    return numDecided;
  };
}

function createPlaces(
  { chances, numCandidates }: StreamDrafting,
  evidences: readonly GuessEvidence[],
): () => number {
  const places = evidences.map(({ entropy, topProb, guessProb, margin = 0 }): PlaceEvidence => {
    const candidates = Array.from({ length: numCandidates }, (_, rank) => {
      return { tokenId: rank, prob: guessProb / 2 ** rank, behind: margin * rank };
    });
    return { entropy, topProb, candidates };
  });
  let next = 0;
  return () => {
    const place = places[next++ % numEvidences] as PlaceEvidence;
    chances.chancesOf(place);
    chances.observe(place, next % (numCandidates + 1));
    return 1;
  };
}

function outcomeOf(
  numDrafted: number,
  numAccepted: number,
  maxDraftLength: number,
  roundMs: number,
): RoundOutcome {
  return { numDrafted, numAccepted, maxDraftLength, draftMs: 2 * numDrafted, roundMs };
}

/** Draft tokens from certain to wild, the same each time. */
function createEvidences(): GuessEvidence[] {
  return Array.from({ length: numEvidences }, (_, place) => {
    const share = (offset: number) => ((place + 1) * 0.618_033_988_749_895 + offset) % 1;
    const peak = 8 * share(0);
    const logits = Float64Array.of(peak, share(0.3), share(0.6), 0);
    const distribution = { logits, inverseTemperature: 1, entropy: 1.4 * (1 - peak / 8) };
    return guessEvidence(distribution, place % 5 === 0 ? 1 : 0, 2 * share(0.9));
  });
}
