import type { ModelTokenizer } from "./model-tokenizer.ts";

/**
 * Compares the vocabularies of a target and its draft. An id must mean the same token to both; one of
 * them may have more tokens after the last one of the other. How text becomes ids does not matter:
 * that is the target's alone.
 *
 * @returns undefined when they agree, else one line that names the first difference
 */
export function describeTokenizerMismatch(
  target: ModelTokenizer,
  draft: ModelTokenizer,
): string | undefined {
  if (target.digests.all === draft.digests.all) return undefined;
  const numShared = Math.min(target.vocabSize, draft.vocabSize);
  for (let id = 0; id < numShared; id++) {
    const [targetToken, draftToken] = [target.tokenOf(id), draft.tokenOf(id)];
    if (targetToken !== draftToken)
      return `token ${id} is ${show(targetToken)} for the target, ${show(draftToken)} for the draft`;
  }
  // The same words may stand for bytes in one ("Ġ" is a space) and for themselves in the other.
  if (target.kind !== draft.kind)
    return `the target's tokens are of the kind ${target.kind}, the draft's ${draft.kind}`;
  return undefined;
}

/**
 * The ids that mean the same to a pair without a mismatch are those below this. Where neither has more
 * tokens, ids without a token (padding) are the same, too, and there is no limit.
 */
export function numSharedTokenIds(target: ModelTokenizer, draft: ModelTokenizer): number {
  if (target.vocabSize === draft.vocabSize) return Number.POSITIVE_INFINITY;
  return Math.min(target.vocabSize, draft.vocabSize);
}

function show(token: string | undefined): string {
  return token === undefined ? "unused" : JSON.stringify(token);
}
