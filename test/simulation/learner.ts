import type {
  Candidate,
  Commit,
  Delivered,
  DraftingLimits,
  ModelPlace,
  SourceDrafting,
} from "@adaedl/core";

/** What an edge learns while it drafts: chances from what the target commits, limits from times. */
export class Learner {
  readonly #policy: SourceDrafting;
  #limits: DraftingLimits | undefined;

  constructor(policy: SourceDrafting) {
    this.#policy = policy;
  }

  /** Undefined where nothing has changed since the last call. */
  newLimits(): DraftingLimits | undefined {
    const limits = this.#policy.pace.limits();
    if (limits === this.#limits) return undefined;
    this.#limits = limits;
    return limits;
  }

  /**
   * A draft forward that took `ms` is over. The evidence says nothing but the rank of a candidate.
   * @param known candidates with their true chances [places][candidates]
   * @returns them with the learnt chances instead
   */
  drafted(known: readonly (readonly Candidate[])[], ms: number) {
    const { pace, chances } = this.#policy;
    pace.observeDraft(known.length, ms);
    const evidence = known.map((candidates): ModelPlace => {
      const scored = candidates.map(({ tokenId }) => ({ tokenId, prob: 0.3 }));
      return { entropy: 1, topProb: 0.3, candidates: scored };
    });
    const candidates = evidence.map((place) => {
      const ofPlace = chances.chancesOf(place);
      return place.candidates.map(({ tokenId }, rank) => {
        return { tokenId, chance: ofPlace[rank] as number };
      });
    });
    return { candidates, evidence: evidence.map((place) => ({ place })) };
  }

  /** @param delivered its tokens that were new @param source that it learns for */
  committed(
    { tokenIds }: Commit,
    verifyMs: number,
    delivered: readonly Delivered[],
    source: number,
  ): void {
    const drafted = delivered.filter(({ sources }) => sources.length > 0);
    const numAccepted = drafted.filter(({ sources }) =>
      sources.every((one) => one === source),
    ).length;
    const numTokens = tokenIds.length - (drafted.length - numAccepted);
    this.#policy.pace.observeCommit({ numTokens, numAccepted, verifyMs });
    for (const { tokenId, evidence } of delivered) {
      const known = evidence[source];
      if (known !== undefined) this.#policy.chances.observe(known.place, tokenId);
    }
  }
}
