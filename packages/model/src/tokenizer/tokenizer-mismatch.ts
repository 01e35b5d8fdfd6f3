import type { ModelTokenizer } from "./model-tokenizer.ts";

/**
 * Compares the vocabularies of a target and its draft: speculative decoding needs every id to mean
 * the same token in both.
 *
 * @returns undefined when they agree, else one line that names the first difference
 */
export function describeTokenizerMismatch(
  target: ModelTokenizer,
  draft: ModelTokenizer,
): string | undefined {
  if (target.digest === draft.digest) return undefined;
  if (target.vocabSize !== draft.vocabSize)
    return `the target's vocabulary has ${target.vocabSize} tokens, the draft's ${draft.vocabSize}`;
  for (let id = 0; id < target.vocabSize; id++) {
    const [targetToken, draftToken] = [target.tokenOf(id), draft.tokenOf(id)];
    if (targetToken !== draftToken)
      return `token ${id} is ${show(targetToken)} for the target, ${show(draftToken)} for the draft`;
  }
  // The same words may stand for bytes in one ("Ġ" is a space) and for themselves in the other.
  if (target.kind !== draft.kind)
    return `the target's tokens are of the kind ${target.kind}, the draft's ${draft.kind}`;
  return undefined;
}

function show(token: string | undefined): string {
  return token === undefined ? "unused" : JSON.stringify(token);
}
