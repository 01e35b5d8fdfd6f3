import type { SamplingParams } from "./sampling-params.ts";

/** The tokens that stand before a position, for penalties that look back at them. */
export interface TokenHistory {
  /** Prompt and output ids in order. */
  readonly tokenIds: ArrayLike<number>;
  /** How many of them count: those before the position. */
  readonly length: number;
  /** How many of them are the prompt, which presence and frequency penalties leave out. */
  readonly numPromptTokens: number;
}

/**
 * Repetition, presence and frequency penalties and logit bias, as vLLM and OpenAI define them:
 * repetition looks at prompt and output, presence and frequency at the output only.
 * @returns a new array [vocabSize]; `logits` is left as it was
 */
export function penalise(
  logits: Float32Array,
  params: SamplingParams,
  history: TokenHistory,
): Float32Array {
  const adjusted = Float32Array.from(logits);
  for (const [tokenId, bias] of params.logitBias) adjusted[tokenId] = at(adjusted, tokenId) + bias;

  const numSeen = new Map<number, number>();
  const numGenerated = new Map<number, number>();
  for (let index = 0; index < history.length; index++) {
    const tokenId = history.tokenIds[index] as number;
    numSeen.set(tokenId, (numSeen.get(tokenId) ?? 0) + 1);
    if (index >= history.numPromptTokens)
      numGenerated.set(tokenId, (numGenerated.get(tokenId) ?? 0) + 1);
  }
  if (params.repetitionPenalty !== 1) {
    for (const tokenId of numSeen.keys()) {
      const logit = at(adjusted, tokenId);
      adjusted[tokenId] =
        logit > 0 ? logit / params.repetitionPenalty : logit * params.repetitionPenalty;
    }
  }
  for (const [tokenId, count] of numGenerated) {
    const penalty = params.presencePenalty + params.frequencyPenalty * count;
    adjusted[tokenId] = at(adjusted, tokenId) - penalty;
  }
  return adjusted;
}

function at(values: Float32Array, index: number): number {
  return values[index] as number;
}
