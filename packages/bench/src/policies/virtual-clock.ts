import type { Drafter, Verifier } from "@adaedl/core";
import { type CostModel, verdictMs } from "./cost-model.ts";

/** What a round's time depends on. */
export interface ClockedRound {
  readonly numDrafted: number;
  /** Whether the verifier was asked for it: the later tokens of a plain run just follow. */
  readonly isAsked: boolean;
}

/** What rounds take, where none of them was chosen by what the others took. */
export function durationOf(rounds: readonly ClockedRound[], costs: CostModel): number {
  let ms = 0;
  for (const { numDrafted, isAsked } of rounds)
    ms += numDrafted * costs.draftMs + verdictMs(costs, numDrafted, isAsked);
  return ms;
}

/** Time that passes only where the cost model says so: the same on every machine. */
export interface VirtualClock {
  /** Milliseconds. */
  now(): number;
  /** Every round so far. */
  readonly rounds: readonly ClockedRound[];
  /** The same drafter, taking the time the cost model gives it. */
  drafter(drafter: Drafter): Drafter;
  verifier(verifier: Verifier): Verifier;
}

export function createVirtualClock(costs: CostModel): VirtualClock {
  let nowMs = 0;
  const rounds: ClockedRound[] = [];
  return {
    now: () => nowMs,
    rounds,
    drafter: (drafter) => ({
      async *draft(round, signal) {
        for await (const guess of drafter.draft(round, signal)) {
          nowMs += costs.draftMs;
          yield guess;
        }
      },
      ...(drafter.obstacle === undefined ? {} : { obstacle: drafter.obstacle }),
    }),
    verifier(verifier) {
      let numPlainLeft = 0;
      return {
        async verify(round, draft, signal) {
          const guesses = [];
          for await (const guess of draft) guesses.push(guess);
          const isAsked = numPlainLeft === 0;
          numPlainLeft = isAsked ? round.numPlainTokens : numPlainLeft - 1;
          rounds.push({ numDrafted: guesses.length, isAsked });
          nowMs += verdictMs(costs, guesses.length, isAsked);
          return verifier.verify(round, listOf(guesses), signal);
        },
      };
    },
  };
}

/** Guesses that are there already, as a draft. */
export async function* listOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
