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

/**
 * What a round of drafting takes, the price of its forward included. What it brings changes slowly and
 * what it costs may change at once, with the network: so they are known apart, and put together here.
 */
export function draftRoundMs({ costs, drafts }: Experience, priceMs: number): number {
  return costs.askMs + drafts.numDrafted * costs.tokenMs + priceMs;
}
