/** What came to a target and what became of it, of all texts that count in it. */
export interface TargetCounts {
  /** Draft tokens that came, each once. */
  numOffered: number;
  /** Of these, those whose place was decided before they came. */
  numLate: number;
  /** And those whose branch was gone before they came, or for which there was no room. */
  numDead: number;
  /** Draft tokens of edges that were verified, and accepted. */
  numJudged: number;
  numAccepted: number;
  /** Likewise of the verifier's own. */
  numVerifierDrafted: number;
  numVerifierAccepted: number;
  /** Tokens that were committed. */
  numTokens: number;
  /** Commits by their draft tokens: verified; fresh, but not worth a row; none that was fresh. */
  numVerified: number;
  numLeftOut: number;
  numBare: number;
}

export function newTargetCounts(): TargetCounts {
  return {
    ...{ numOffered: 0, numLate: 0, numDead: 0, numJudged: 0, numAccepted: 0 },
    ...{ numVerifierDrafted: 0, numVerifierAccepted: 0 },
    ...{ numTokens: 0, numVerified: 0, numLeftOut: 0, numBare: 0 },
  };
}
