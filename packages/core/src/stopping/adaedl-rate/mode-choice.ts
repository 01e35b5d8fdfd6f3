import type { PlainOutcome } from "../policy.ts";
import { draftRoundMs, type Experience } from "./experience.ts";

/** Drafting or plain streaming: whichever achieves more tokens for its time. */
export interface ModeChoice {
  /**
   * How many tokens to decode plainly before the next draft; 0 drafts now.
   * @param isOpening whether it is about the session's first round, from which no time can be told
   */
  numPlainTokens(isOpening: boolean): number;
  /** A draft was judged; to be told before anything is learnt from it. */
  drafted(roundMs: number): void;
  /** A token was decoded plainly; likewise. */
  streamed(outcome: PlainOutcome): void;
}

/** Of the time, what may be lost in order to find out whether the other way has become better. */
const curiosity = 0.003;
/** Plain tokens that show what a plain token takes. */
const sampleLength = 4;

/**
 * Chooses by estimates, and spends a small share of the time on looking at the way not chosen: all that
 * passes adds to what may be lost, and a look takes from it what it is expected to cost.
 * @param priceMs see `AdaedlRateParams`; a plain token costs a target forward, as a round does
 */
export function createModeChoice(shared: Experience, priceMs: number): ModeChoice {
  const { costs, drafts } = shared;

  /** Which way seems better, and what a look at the other one costs. */
  function weigh(plainMs: number): { readonly isDrafting: boolean; readonly lookMs: number } {
    const rttMs = Math.max(0, costs.askMs - plainMs); // what starting a plain run costs
    const plainTokenMs = plainMs + priceMs;
    const roundMs = draftRoundMs(shared, priceMs);
    const asPlainMs = drafts.numTokens * plainTokenMs;
    const isDrafting = asPlainMs * drafts.hope >= roundMs;
    const lossMs = isDrafting
      ? (sampleLength / drafts.numTokens) * Math.max(0, asPlainMs - roundMs)
      : roundMs - asPlainMs;
    return { isDrafting, lookMs: Math.max(1, rttMs + lossMs) };
  }

  function passed(ms: number): void {
    shared.curiosityMs += curiosity * ms;
  }

  function spend(lookMs: number): void {
    shared.curiosityMs = Math.max(0, shared.curiosityMs - lookMs);
  }

  return {
    numPlainTokens(isOpening) {
      const { plainMs } = costs;
      // Nothing is known: a few plain tokens tell what a forward takes, a draft then the round trip.
      if (plainMs === undefined) return sampleLength;
      const { isDrafting, lookMs } = weigh(plainMs);
      const isCurious = shared.curiosityMs >= lookMs;
      if (isDrafting) return isCurious && !isOpening && costs.isDraftKnown ? sampleLength : 0;
      if (isCurious) return isOpening ? sampleLength : 0;
      const waitMs = (lookMs - shared.curiosityMs) / curiosity;
      return Math.max(1, Math.ceil(waitMs / Math.max(plainMs, shortestTokenMs)));
    },
    drafted(roundMs) {
      const { plainMs } = costs;
      const weighed = plainMs === undefined ? undefined : weigh(plainMs);
      if (weighed?.isDrafting === false) spend(weighed.lookMs);
      passed(roundMs);
    },
    streamed({ isAsked, roundMs }) {
      const { plainMs } = costs;
      const weighed = isAsked && plainMs !== undefined ? weigh(plainMs) : undefined;
      if (weighed?.isDrafting) spend(weighed.lookMs);
      passed(roundMs);
    },
  };
}

/** Keeps a plain run from being planned for ever where tokens seem to take no time. */
const shortestTokenMs = 0.01;
