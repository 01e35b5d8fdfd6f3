import {
  AdaedlError,
  type DraftedToken,
  defaultSamplingParams,
  type SamplingParams,
  Text,
} from "@adaedl/core";
import { type ModelThread, openDraftSession, openTargetSession } from "@adaedl/engine";
import type { Tape } from "./tape.ts";

export interface TapeOptions {
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  readonly sampling: Partial<SamplingParams>;
  readonly numTokens: number;
  /** The longest draft that can be played. */
  readonly maxDraftLength: number;
}

/** The two models of a pair; schedulers, so that several tapes are recorded side by side. */
export interface PairThreads {
  readonly target: ModelThread;
  readonly draft: ModelThread;
}

/** Decodes the text and drafts from every place in it. */
export async function recordTape(
  { target, draft }: PairThreads,
  options: TapeOptions,
  signal: AbortSignal,
): Promise<Tape> {
  const { promptTokenIds, seed, numTokens } = options;
  const settings = {
    seed,
    sampling: { ...defaultSamplingParams, ...options.sampling },
    verification: "shared-noise" as const,
    numPromptTokens: promptTokenIds.length,
  };
  const tokenIds: number[] = [];
  const sequence = [...promptTokenIds];
  await using writer = await openTargetSession(target, settings, signal);
  for (let index = 0; index < numTokens; index++) {
    const { nextTokenId } = await writer.judge(sequence, [], signal);
    tokenIds.push(nextTokenId);
    sequence.push(nextTokenId);
  }

  await using drafter = await openDraftSession(draft, settings, signal);
  const guesses: DraftedToken[] = [];
  const strays: DraftedToken[][] = [];
  for (let index = 0; index < numTokens; index++) {
    const known = sequence.slice(0, promptTokenIds.length + index);
    const round = { number: index, text: new Text(known), numPromptTokens: promptTokenIds.length };
    const stray: DraftedToken[] = [];
    let guess: DraftedToken | undefined;
    for await (const token of drafter.draft({ ...round, numPlainTokens: 0 }, signal)) {
      if (guess === undefined) guess = token;
      else stray.push(token);
      if (guess.tokenId === tokenIds[index] || stray.length >= options.maxDraftLength - 1) break;
    }
    if (guess === undefined) throw new AdaedlError("internal", "the draft model guessed nothing");
    guesses.push(guess);
    strays.push(stray);
  }
  return { promptTokenIds, tokenIds, guesses, strays };
}
