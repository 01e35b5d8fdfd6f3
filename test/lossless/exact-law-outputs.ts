import {
  candidateProbs,
  type Drafter,
  type DrafterKind,
  type DraftingPolicy,
  decode,
  type SamplingParams,
  strategyOf,
  tokenIdAt,
  type Verifier,
} from "@adaedl/core";
import { prompt, type ScriptedModel } from "./exact-law-models.ts";
import { termsOf } from "./exact-law-ports.ts";

/** Probability by output, written as its token ids with spaces between. */
export type OutputLaw = ReadonlyMap<string, number>;

/** When an output ends; the same for the law and for the run. */
export interface OutputEnd {
  readonly numTokens: number;
  readonly stopTokenId?: number;
}

/** One decode: its output and what it took. */
export interface Output {
  readonly text: string;
  readonly numDrafted: number;
  readonly numAccepted: number;
}

export async function outputOf(
  drafters: Partial<Record<DrafterKind, Drafter>>,
  verifier: Verifier,
  policy: DraftingPolicy,
  { numTokens, stopTokenId }: OutputEnd,
): Promise<Output> {
  const { endTokenIds: stopTokenIds, numTokenIds } = termsOf(numTokens, stopTokenId);
  const numSuccessors = drafters.recycle?.numSuccessors;
  const request = {
    ...{ promptTokenIds: prompt, contextLength: 1000, maxTokens: numTokens },
    ...{ stopTokenIds, stopStrings: [], numTokenIds, numSuccessors },
  };
  const strategy = strategyOf(policy, 16, Object.keys(drafters) as DrafterKind[]);
  const drafting = strategy && { strategy, drafters: Object.values(drafters) };
  const tokenIds: number[] = [];
  for await (const event of decode(request, { drafting, verifier, now: () => 0 })) {
    if (event.type === "token") tokenIds.push(event.tokenId);
    else return { text: tokenIds.join(" "), ...event.statistics };
  }
  throw new Error("the output did not end");
}

/** What the target alone would say: products of its conditional probabilities. */
export function targetLaw(
  target: ScriptedModel,
  sampling: SamplingParams,
  { numTokens, stopTokenId }: OutputEnd,
): OutputLaw {
  const law = new Map<string, number>();
  const extend = (output: readonly number[], probability: number) => {
    const isStopped = stopTokenId !== undefined && output.at(-1) === stopTokenId;
    if (isStopped || output.length === numTokens) {
      law.set(output.join(" "), probability);
      return;
    }
    const next = target.distributionAfter([...prompt, ...output], sampling);
    candidateProbs(next).forEach((prob, index) => {
      extend([...output, tokenIdAt(next, index)], probability * prob);
    });
  };
  extend([], 1);
  return law;
}

/** The largest difference of any output's probability. */
export function largestError(actual: OutputLaw, expected: OutputLaw): number {
  const texts = new Set([...actual.keys(), ...expected.keys()]);
  const errors = [...texts].map((text) => {
    return Math.abs((actual.get(text) ?? 0) - (expected.get(text) ?? 0));
  });
  return Math.max(...errors);
}
