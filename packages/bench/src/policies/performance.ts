import type { Drafter, Verifier } from "@adaedl/core";

/** One text of a workload, which can be decoded any number of times. */
export interface Performance {
  readonly promptTokenIds: readonly number[];
  readonly numTokens: number;
  /** The longest draft it can be decoded with. */
  readonly maxDraftLength: number;
  open(signal: AbortSignal): Promise<OpenModels>;
}

/** The two models, at the beginning of the text. */
export interface OpenModels extends AsyncDisposable {
  readonly drafter: Drafter;
  readonly verifier: Verifier;
}
