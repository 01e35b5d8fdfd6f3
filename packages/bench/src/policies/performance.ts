import type { Commit, Drafter, PlannedToken, Text, Verdict } from "@adaedl/core";

/** One text of a workload, which can be decoded any number of times. */
export interface Performance {
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  readonly temperature: number;
  readonly numTokens: number;
  /** The longest draft it can be decoded with. */
  readonly maxDraftLength: number;
  open(signal: AbortSignal): Promise<OpenModels>;
}

export interface SupervisedVerdict extends Verdict {
  /** The target's likeliest tokens in the place of each token, where they are known. */
  readonly successors?: Commit["successors"];
}

/** The two models, at the beginning of the text. */
export interface OpenModels extends AsyncDisposable {
  readonly drafter: Drafter;
  /** One target forward: what the target says to a chain of draft tokens after the text. */
  judge(text: Text, chain: readonly PlannedToken[]): Promise<SupervisedVerdict>;
}
