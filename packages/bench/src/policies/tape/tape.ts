import {
  AdaedlError,
  type DraftedToken,
  type Drafter,
  type Text,
  type Verifier,
} from "@adaedl/core";
import type { Performance } from "../performance.ts";

/**
 * One text under shared noise, and what the draft model guesses from every place in it.
 *
 * The text is a function of the seed, and a draft a function of the text it continues: no policy, network
 * or clock enters. So the models are asked once, and any number of policies is played over what they said.
 */
export interface Tape {
  readonly promptTokenIds: readonly number[];
  /** The target's output. [numTokens] */
  readonly tokenIds: readonly number[];
  /** The draft's guess for each place, on the true text before it. [numTokens] */
  readonly guesses: readonly DraftedToken[];
  /** Where a guess is wrong, what the draft model would go on with after it. [numTokens] [0 or more] */
  readonly strays: readonly (readonly DraftedToken[])[];
}

/** The guesses of a draft that begins at output token `start`, in turn. */
export function* draftFrom(tape: Tape, start: number): Generator<DraftedToken> {
  for (let index = start; index < tape.tokenIds.length; index++) {
    const guess = tape.guesses[index] as DraftedToken;
    yield guess;
    if (guess.tokenId === tape.tokenIds[index]) continue;
    yield* tape.strays[index] ?? [];
    throw new AdaedlError("internal", "a draft is longer than what was taped");
  }
}

/** A text to be decoded as the tape remembers it. */
export function performTape(tape: Tape, maxDraftLength: number): Performance {
  const { promptTokenIds, tokenIds } = tape;
  return {
    promptTokenIds,
    numTokens: tokenIds.length,
    maxDraftLength,
    open: async () => ({ ...modelsOf(tape), async [Symbol.asyncDispose]() {} }),
  };
}

export function modelsOf(tape: Tape): { drafter: Drafter; verifier: Verifier } {
  const { promptTokenIds, tokenIds } = tape;
  const placeOf = (text: Text) => text.length - promptTokenIds.length;
  return {
    drafter: {
      async *draft({ text }) {
        yield* draftFrom(tape, placeOf(text));
      },
    },
    verifier: {
      async verify({ text }, draft) {
        const place = placeOf(text);
        let numAccepted = 0;
        let isRefused = false;
        for await (const { tokenId } of draft) {
          isRefused ||= tokenId !== tokenIds[place + numAccepted];
          if (!isRefused) numAccepted++;
        }
        return { numAccepted, nextTokenId: tokenIds[place + numAccepted] as number };
      },
    },
  };
}
