import { type GuessEvidence, guessEvidence, parsePolicy, type RoundOutcome } from "@adaedl/core";
import { median } from "../statistics.ts";

const numBatches = 31;
const roundsPerBatch = 200;
const numEvidences = 4096;
const longestPlainRun = 16;
/** So much more than a guess that every policy drafts. */
const forwardMs = 100;

/**
 * What deciding about one guess costs, the learning after each round included: microseconds, the
 * median over batches of rounds, on evidence that was there before.
 */
export function measureDecisionCost(spec: string): number {
  const evidences = createEvidences();
  const policy = parsePolicy(spec);
  let place = 0;

  /** Plays one round; how many guesses were decided about. */
  function playRound(): number {
    const numPlain = Math.min(longestPlainRun, policy.numPlainTokens?.() ?? 0);
    for (let token = 0; token < numPlain; token++)
      policy.observePlain?.({ isAsked: token === 0, isWithheld: false, roundMs: forwardMs });
    if (numPlain > 0) return 0;
    const { maxDraftLength } = policy;
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
    if (numDrafted === 0)
      policy.observePlain?.({ isAsked: true, isWithheld: numDecided > 0, roundMs });
    else policy.observe(outcomeOf(numDrafted, place % (numDrafted + 1), maxDraftLength, roundMs));
    return numDecided;
  }

  const costsUs: number[] = [];
  for (let batch = 0; batch < numBatches; batch++) {
    const startedAt = performance.now();
    let numDecided = 0;
    for (let round = 0; round < roundsPerBatch; round++) numDecided += playRound();
    if (numDecided > 0) costsUs.push(((performance.now() - startedAt) * 1000) / numDecided);
  }
  return costsUs.length === 0 ? 0 : median(costsUs);
}

function outcomeOf(
  numDrafted: number,
  numAccepted: number,
  maxDraftLength: number,
  roundMs: number,
): RoundOutcome {
  return { numDrafted, numAccepted, maxDraftLength, draftMs: 2 * numDrafted, roundMs };
}

/** Guesses from certain to wild, the same each time. */
function createEvidences(): GuessEvidence[] {
  return Array.from({ length: numEvidences }, (_, place) => {
    const share = (offset: number) => ((place + 1) * 0.618_033_988_749_895 + offset) % 1;
    const peak = 8 * share(0);
    const logits = Float64Array.of(peak, share(0.3), share(0.6), 0);
    const distribution = { logits, inverseTemperature: 1, entropy: 1.4 * (1 - peak / 8) };
    return guessEvidence(distribution, place % 5 === 0 ? 1 : 0, 2 * share(0.9));
  });
}
