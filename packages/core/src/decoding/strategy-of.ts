import type { DraftingPolicy } from "../drafting/drafting-policy.ts";
import type { DrafterKind } from "../stream/ports.ts";
import { createStreamStrategy, type DraftingStrategy } from "./drafting-strategy.ts";
import { createRoundStrategy } from "./round-strategy.ts";

/**
 * What a policy makes of one text; undefined where nothing is to be drafted. Rounds are drafted by the
 * model alone, as they are measured in papers: stopping policies look at its distribution.
 * @param kinds what there is to draft with
 * @param maxDraftLength longest draft of a round, whatever the policy wants; 0 drafts nothing
 */
export function strategyOf(
  policy: DraftingPolicy,
  maxDraftLength: number,
  kinds: readonly DrafterKind[] = ["model"],
): DraftingStrategy | undefined {
  if (maxDraftLength === 0 || kinds.length === 0) return undefined;
  if (policy.family === "stream")
    return policy.drafting && createStreamStrategy(policy.drafting, kinds);
  return kinds.includes("model") ? createRoundStrategy(policy.stopping, maxDraftLength) : undefined;
}
