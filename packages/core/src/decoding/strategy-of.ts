import type { DraftingPolicy } from "../drafting/drafting-policy.ts";
import { createStreamStrategy, type DraftingStrategy } from "./drafting-strategy.ts";
import { createRoundStrategy } from "./round-strategy.ts";

/**
 * What a policy makes of one text; undefined where nothing is to be drafted.
 * @param maxDraftLength longest draft of a round, whatever the policy wants; 0 drafts nothing
 */
export function strategyOf(
  policy: DraftingPolicy,
  maxDraftLength: number,
): DraftingStrategy | undefined {
  if (maxDraftLength === 0) return undefined;
  if (policy.family === "stream") return policy.drafting && createStreamStrategy(policy.drafting);
  return createRoundStrategy(policy.stopping, maxDraftLength);
}
