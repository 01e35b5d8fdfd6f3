import { createTestRandom } from "@adaedl/testing";
import { candidateProbs, entropyOf } from "../sampling/distribution.ts";
import { guessEvidence } from "../sampling/evidence.ts";
import type { DraftedGuess, GuessEvidence, RoundOutcome } from "./policy.ts";

/** A guess of which a test says what it is about; the rest is that of a coin's toss. */
export function guessWith(changes: Partial<DraftedGuess>): DraftedGuess {
  return { index: 0, entropy: Math.LN2, topProb: 0.5, guessProb: 0.5, ...changes };
}

/** An outcome of which a test says what it is about; the rest is a fully accepted draft of 4. */
export function outcomeWith(changes: Partial<RoundOutcome>): RoundOutcome {
  const { numDrafted = 4, numAccepted = numDrafted } = changes;
  return {
    numDrafted,
    numAccepted,
    maxDraftLength: numDrafted,
    draftMs: 10,
    roundMs: 100,
    ...changes,
  };
}

const numEvidences = 997; // a prime: steps of any size pass all of them
const likelyEvidences = createLikelyEvidences();

/** What a draft model could have said about guess `index` of draft `seed`: numbers that fit together. */
export function likelyEvidence(seed: number, index: number): GuessEvidence {
  const place = (seed + index * (1 + (seed % 61))) % numEvidences;
  return likelyEvidences[place] as GuessEvidence;
}

/** Tokens drawn from distributions from certain to knowing nothing; every third without a margin. */
function createLikelyEvidences(): GuessEvidence[] {
  const random = createTestRandom(5);
  return Array.from({ length: numEvidences }, (_, place) => {
    const spread = 6 * random.next();
    const size = 1 + random.integer(12);
    const logits = Float64Array.from({ length: size }, () => spread * random.normal());
    const distribution = { logits, inverseTemperature: 1, entropy: entropyOf(logits, 1) };
    let left = random.next();
    const drawn = candidateProbs(distribution).findIndex((prob) => {
      left -= prob;
      return left < 0;
    });
    const tokenId = Math.max(0, drawn);
    const margin = place % 3 === 0 ? undefined : -Math.log(1 - random.next());
    return guessEvidence(distribution, tokenId, margin);
  });
}

const oddEvidences: readonly GuessEvidence[] = [
  { entropy: 0, topProb: 1, guessProb: 1, margin: Number.POSITIVE_INFINITY },
  { entropy: 1e-300, topProb: 1, guessProb: 1, margin: 0 },
  { entropy: 1e9, topProb: 0, guessProb: 0 },
  { entropy: Number.POSITIVE_INFINITY, topProb: 0, guessProb: 0, margin: 1e-300 },
  { entropy: 12, topProb: 6e-6, guessProb: 5e-324, margin: undefined },
];

/** Some of what no policy may break upon. */
export function oddEvidence(seed: number, index: number): GuessEvidence {
  const place = (seed + index * (1 + (seed % 7))) % oddEvidences.length;
  return oddEvidences[place] as GuessEvidence;
}
