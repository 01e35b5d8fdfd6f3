import {
  AdaedlError,
  defaultSamplingParams,
  type ModelPlace,
  maxSuccessors,
  type SamplingParams,
  Text,
} from "@adaedl/core";
import { openBranchingDrafter } from "@adaedl/engine";
import { openLiveTarget } from "../live-target.ts";
import type { PairThreads } from "./open-pair-threads.ts";
import { numTapedCandidates, type Tape } from "./tape.ts";

export interface TapeOptions {
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  readonly sampling: Partial<SamplingParams>;
  readonly numTokens: number;
  /** The longest draft that can be played. */
  readonly maxDraftLength: number;
  /** The output, where it is not the target's that decides: so many tokens. */
  readonly tokenIds?: readonly number[] | undefined;
}

/** Decodes the text and drafts from every place in it. */
export async function recordTape(
  { target, draft, vocabulary }: PairThreads,
  options: TapeOptions,
  signal: AbortSignal,
): Promise<Tape> {
  const { promptTokenIds, seed, numTokens, maxDraftLength } = options;
  const numPromptTokens = promptTokenIds.length;
  const sampling = { ...defaultSamplingParams, ...options.sampling };
  const settings = { seed, sampling, verification: "shared-noise" as const, numPromptTokens };
  const maxLength = numPromptTokens + numTokens;
  const text = new Text(promptTokenIds);
  await using writer = openLiveTarget(
    target,
    { ...settings, numSuccessors: maxSuccessors },
    ...([promptTokenIds, maxLength, signal] as const),
  );
  // Of an answer that another target gave nothing is known but its tokens.
  const successors = (options.tokenIds ?? []).map((tokenId) => [tokenId]);
  for (const tokenId of options.tokenIds ?? []) text.append(tokenId);
  while (text.length < maxLength) {
    const verdict = await writer.judge(text, []);
    text.append(verdict.nextTokenId);
    successors.push(...(verdict.successors ?? []).map((likely) => [...likely]));
  }
  const tokenIds = text.tokenIds.slice(numPromptTokens);

  await using drafter = await openBranchingDrafter(
    draft,
    settings,
    { width: 1, vocabulary },
    signal,
  );
  /** The place, and those of the same forward after it. */
  async function placesAfter(index: number, path: readonly number[]) {
    const length = numPromptTokens + index;
    const proposal = await drafter.propose(text, length, [path], numTapedCandidates, signal);
    const [place, further = []] =
      "places" in proposal ? [proposal.places[0], proposal.further?.[0]] : [];
    if (place === undefined)
      throw new AdaedlError(
        "failed_precondition",
        `the draft model has no room for the text after ${length} tokens`,
        { field: "draft" },
      );
    return { place, further };
  }

  const places: ModelPlace[] = [];
  const furthers: (readonly ModelPlace[])[] = [];
  const strays: ModelPlace[][] = [];
  for (const [index, tokenId] of tokenIds.entries()) {
    const { further, ...first } = await placesAfter(index, []);
    let { place } = first;
    places.push(place);
    furthers.push(further.slice(0, numTokens - index - 1));
    const stray: ModelPlace[] = [];
    strays.push(stray);
    if (place.candidates[0]?.tokenId === tokenId) continue;
    const path: number[] = [];
    while (stray.length < maxDraftLength - 1 && place.candidates[0] !== undefined) {
      path.push(place.candidates[0].tokenId);
      ({ place } = await placesAfter(index, path));
      stray.push(place);
    }
  }
  const { temperature } = sampling;
  const further = draft.info.parallel && furthers;
  return { promptTokenIds, seed, temperature, tokenIds, places, successors, strays, further };
}
