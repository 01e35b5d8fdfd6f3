import { type AcceptanceEstimate, createAcceptanceEstimate } from "./acceptance-estimate.ts";
import { createDraftYield, type DraftYield } from "./draft-yield.ts";
import { createRoundCosts, type RoundCosts } from "./round-costs.ts";

/** What sessions of one kind know together. */
export interface Experience {
  readonly acceptance: AcceptanceEstimate;
  readonly costs: RoundCosts;
  readonly drafts: DraftYield;
  /** Milliseconds that may be lost to find out whether the other way has become the faster one. */
  curiosityMs: number;
}

export function createExperience(): Experience {
  return {
    acceptance: createAcceptanceEstimate(),
    costs: createRoundCosts(),
    drafts: createDraftYield(),
    curiosityMs: 0,
  };
}
