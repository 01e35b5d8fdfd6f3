import { randomInt } from "node:crypto";
import {
  createSuffixChances,
  createSuffixSource,
  type Drafter,
  type DrafterKind,
  defaultSuffixTokens,
  drafterKinds,
  invalidField,
} from "@adaedl/core";
import type { SlotSettings } from "@adaedl/runtime";

/** Opens what drafts, for one text after the other. */
export interface DrafterFactory {
  readonly kind: DrafterKind;
  /** @param width most places of one question */
  open(settings: SlotSettings, width: number, signal?: AbortSignal): Promise<Drafter>;
}

/**
 * What drafts where nobody says.
 * @param hasTable whether a table drafts beside the target: one at the edge adds nothing to that and a model
 */
export function defaultDrafters(hasModel: boolean, hasTable = false): readonly DrafterKind[] {
  if (hasModel && hasTable) return ["model"];
  return drafterKinds.filter((kind) => hasModel || kind !== "model");
}

/**
 * @param kinds what is to draft, each once
 * @param openModel absent without a draft model
 * @throws AdaedlError `invalid_argument` for `model` without one
 */
export function createDrafterFactories(
  kinds: readonly DrafterKind[],
  openModel: DrafterFactory["open"] | undefined,
): readonly DrafterFactory[] {
  return kinds.map((kind) => {
    if (kind === "suffix") return createSuffixFactory();
    if (openModel === undefined) throw invalidField("drafters", kind, "needs a draft model");
    return { kind, open: openModel };
  });
}

/** What it learns of the chances in one text serves the next; of what is said in them it keeps nothing. */
function createSuffixFactory(): DrafterFactory {
  const greedy = createSuffixChances(true);
  const sampled = createSuffixChances(false);
  const salt = randomInt(2 ** 31);
  return {
    kind: "suffix",
    async open({ sampling, seed, numPromptTokens }) {
      const isGreedy = sampling.temperature === 0;
      const chances = isGreedy ? greedy : sampled;
      return createSuffixSource({
        ...{ seed, isGreedy, numPromptTokens, salt, chances },
        maxTokens: defaultSuffixTokens,
      });
    },
  };
}
