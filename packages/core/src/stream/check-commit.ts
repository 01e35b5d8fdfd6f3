import type { Text } from "../text/text.ts";
import type { EdgeTerms } from "./edge-events.ts";
import type { Commit } from "./messages.ts";

/**
 * Why a commit cannot be right: a gap, another word on what is committed already, or counts that
 * contradict each other. Undefined where nothing is wrong: tokens that are known already are none.
 */
export function whatIsWrongWith(
  commit: Commit,
  text: Text,
  terms: Pick<EdgeTerms, "numTokenIds" | "endTokenIds" | "numSuccessors">,
): string | undefined {
  const { position, tokenIds, numJudged, numAccepted, numVerifierDrafted = 0 } = commit;
  const { numTokenIds, endTokenIds } = terms;
  const { length } = text;
  if (!(position >= 0 && position <= length))
    return `the verifier committed from position ${position}, the text has ${length} tokens`;
  const unknown = tokenIds.find((tokenId) => !(tokenId >= 0 && tokenId < numTokenIds));
  if (unknown !== undefined)
    return `the verifier committed token ${unknown}, ids are below ${numTokenIds}`;
  const changed = tokenIds.findIndex(
    (tokenId, index) => position + index < length && text.tokenIds[position + index] !== tokenId,
  );
  if (changed >= 0) return `the verifier changed token ${position + changed}, which is committed`;
  if (!(numVerifierDrafted >= 0 && numVerifierDrafted <= numJudged))
    return `the verifier drafted ${numVerifierDrafted} tokens itself of ${numJudged} that it verified`;
  // An end token in the middle of an accepted chain is the last one: nothing follows it.
  const numWhole = numAccepted + 1;
  const isCut = tokenIds.length < numWhole && endTokenIds.has(tokenIds.at(-1) as number);
  if (!(numAccepted >= 0 && numAccepted <= numJudged && (tokenIds.length === numWhole || isCut)))
    return `the verifier committed ${tokenIds.length} tokens, having accepted ${numAccepted} of ${numJudged}`;
  const wrong = whatIsWrongWithSuccessors(commit, terms);
  return wrong && `the verifier named likely tokens: ${wrong}`;
}

function whatIsWrongWithSuccessors(
  { tokenIds, successors }: Commit,
  { numTokenIds, numSuccessors = 0 }: Pick<EdgeTerms, "numTokenIds" | "numSuccessors">,
): string | undefined {
  if (successors === undefined) return undefined;
  if (numSuccessors === 0) return "that it was not asked for";
  if (successors.length !== tokenIds.length)
    return `in ${successors.length} places, having committed ${tokenIds.length} tokens`;
  for (const likely of successors) {
    const unknown = likely.find((tokenId) => !(tokenId >= 0 && tokenId < numTokenIds));
    if (unknown !== undefined) return `among them ${unknown}, ids are below ${numTokenIds}`;
    const numDifferent = new Set(likely).size;
    if (numDifferent === 0 || numDifferent < likely.length || numDifferent > numSuccessors)
      return `${likely.length} in one place, ${numDifferent} of them different, asked for ${numSuccessors}`;
  }
  return undefined;
}
