import { longestPiece } from "../prompt-pace.ts";
import { createTimeFit } from "./time-fit.ts";

/** A step in which pieces of prompts were computed. */
export interface PieceStep {
  readonly numPieceTokens: number;
  readonly forwardMs: number;
  /** What it would have taken without them. */
  readonly decodeMs: number;
  /** Whether texts decoded in it: only then prompts owe them its time. */
  readonly isShared: boolean;
}

/** What prompts get of steps in which texts decode. */
export interface PromptShare {
  /** Tokens of prompts that a step beside texts may hold, which takes `decodeMs` without; 0: none now. */
  tokensBeside(decodeMs: number): number;
  /** The same for a step of prompts alone, which texts may soon wait for. */
  tokensBefore(decodeMs: number): number;
  observe(step: PieceStep): void;
}

/** Longest that prompts make a step, as a share of the time that it takes without them. */
const share = 0.8;
/** Weight of the past: a piece takes longer the longer its prompt has become. */
const memory = 15 / 16;
/** Pieces before anything is concluded; the first ones differ in length, so that something can be. */
const fewPieces = 3;
const firstPiece = 8;
/** Longest that a piece is taken to have kept texts waiting: a longer step had other reasons. */
const longestMs = 1_000;

/**
 * Keeps prompts from stalling texts that decode: they are computed in pieces so short that a step takes less than
 * twice its time. A piece reads all rows of its prompt; where that alone takes longer, it is at least so long that
 * its own tokens take half of its time, and steps without prompts pay for it afterwards. So prompts get up to four
 * ninths of the model's time, and texts that decode the rest.
 */
export function createPromptShare(): PromptShare {
  const fit = createTimeFit(memory, fewPieces);
  /** Time that prompts may still take; below 0 where they took more. */
  let leftMs = 0;
  let lastLength = 0;

  function lengthFor(stepMs: number): number {
    if (fit.numObserved < fewPieces) return firstPiece * (1 + fit.numObserved);
    const longest = Math.min(longestPiece, Math.ceil(2 * lastLength));
    // Until the time of a row is known, a piece's whole time counts as that of its rows.
    const baseMs = fit.msPerRow > 0 ? fit.msOf(0) : 0;
    const msPerRow = fit.msPerRow || fit.meanMsPerRow;
    if (msPerRow === 0) return longest;
    const length = Math.floor(Math.max(stepMs - baseMs, baseMs) / msPerRow);
    return Math.max(1, Math.min(length, longest));
  }

  return {
    tokensBeside(decodeMs) {
      const stepMs = share * decodeMs;
      leftMs = Math.min(leftMs + stepMs, stepMs); // unused time does not accumulate
      return leftMs < 0 ? 0 : lengthFor(stepMs);
    },
    tokensBefore: (decodeMs) => lengthFor(share * decodeMs),
    observe({ numPieceTokens, forwardMs, decodeMs, isShared }) {
      const pieceMs = Math.min(Math.max(0, forwardMs - decodeMs), longestMs);
      if (isShared) leftMs = Math.max(leftMs - pieceMs, -longestMs);
      lastLength = Math.max(numPieceTokens, lastLength / 2); // the last piece of a prompt may be short
      fit.observe(numPieceTokens, pieceMs);
    },
  };
}
