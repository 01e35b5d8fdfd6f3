import { AdaedlError, type ModelPlace } from "@adaedl/core";
import type { OpenModels, Performance } from "../performance.ts";

/**
 * One text under shared noise, and what the draft model says about every place in it.
 *
 * The text is a function of the seed, and what the draft model says one of what it is asked about: no
 * policy, network or clock enters. So the models are asked once, and any number of policies is played over
 * what they said.
 */
export interface Tape {
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  readonly temperature: number;
  /** The target's output. [numTokens] */
  readonly tokenIds: readonly number[];
  /** What the draft model says about each place, on the true text before it. [numTokens] */
  readonly places: readonly ModelPlace[];
  /** The target's likeliest tokens there, as commits name them. [numTokens] [1 to 8] */
  readonly successors: readonly (readonly number[])[];
  /**
   * Where its first candidate is wrong, what it would say after that, and its first candidates from
   * there on. [numTokens] [0 or more]
   */
  readonly strays: readonly (readonly ModelPlace[])[];
  /**
   * Of a draft model that drafts in parallel: what it says, in the forward for each place, about those after it.
   * [numTokens][0 or more]
   */
  readonly further?: readonly (readonly ModelPlace[])[] | undefined;
}

/** Candidates of a place that are on record. */
export const numTapedCandidates = 4;

/**
 * What the draft model says after output tokens up to `start` and some draft tokens.
 *
 * Of wrong draft tokens only chains of first candidates are on record. Nothing behind another one can be
 * accepted, so that what is drafted there takes time and no more: it is as sure of itself as it was in the
 * same place of the text, and does not know the token there.
 */
export function placeAfter(tape: Tape, start: number, path: readonly number[]): ModelPlace {
  const { tokenIds, places, strays } = tape;
  let numRight = 0;
  while (numRight < path.length && path[numRight] === tokenIds[start + numRight]) numRight++;
  const index = start + path.length;
  const here = places[index];
  if (numRight === path.length && here !== undefined) return here;

  const left = start + numRight;
  let stray = places[left];
  for (let at = numRight; at < path.length; at++) {
    if (stray?.candidates[0]?.tokenId !== path[at]) stray = undefined;
    else stray = strays[left]?.[at - numRight];
  }
  const alike = stray ?? here;
  if (alike === undefined)
    throw new AdaedlError("internal", `the tape has ${places.length} places, got ${index}`);
  return stray ?? withoutToken(alike, tokenIds[index]);
}

/**
 * What it says in the same forward about the places after that one. On a wrong path it does not know the
 * tokens there.
 */
function furtherAfter(tape: Tape, start: number, path: readonly number[]): readonly ModelPlace[] {
  const { tokenIds, further = [] } = tape;
  const index = start + path.length;
  const isRight = path.every((tokenId, at) => tokenId === tokenIds[start + at]);
  const places = further[index] ?? [];
  return isRight
    ? places
    : places.map((place, at) => withoutToken(place, tokenIds[index + 1 + at]));
}

function withoutToken(place: ModelPlace, tokenId: number | undefined): ModelPlace {
  const others = place.candidates.filter((candidate) => candidate.tokenId !== tokenId);
  const lead = others[0]?.behind ?? 0;
  const candidates = others.map(({ behind, ...candidate }) => {
    return behind === undefined ? candidate : { ...candidate, behind: behind - lead };
  });
  return { ...place, candidates };
}

/** A text to be decoded as the tape remembers it. */
export function performTape(tape: Tape, maxDraftLength: number): Performance {
  const { promptTokenIds, seed, temperature, tokenIds } = tape;
  return {
    ...{ promptTokenIds, seed, temperature, maxDraftLength },
    numTokens: tokenIds.length,
    open: async () => modelsOf(tape),
  };
}

export function modelsOf(tape: Tape): OpenModels {
  const { promptTokenIds, tokenIds, successors } = tape;
  return {
    drafter: {
      async propose(_, length, paths, numCandidates) {
        const start = length - promptTokenIds.length;
        const cut = (place: ModelPlace) => {
          return { ...place, candidates: place.candidates.slice(0, numCandidates) };
        };
        const places = paths.map((path) => cut(placeAfter(tape, start, path)));
        if (tape.further === undefined) return { places };
        return { places, further: paths.map((path) => furtherAfter(tape, start, path).map(cut)) };
      },
      async [Symbol.asyncDispose]() {},
    },
    async judge(text, chain) {
      const start = text.length - promptTokenIds.length;
      let numAccepted = 0;
      while (
        numAccepted < chain.length &&
        chain[numAccepted]?.tokenId === tokenIds[start + numAccepted]
      )
        numAccepted++;
      const end = start + numAccepted;
      return {
        ...{ numAccepted, nextTokenId: tokenIds[end] as number },
        successors: successors.slice(start, end + 1),
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}
