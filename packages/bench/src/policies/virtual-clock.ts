import type { Drafter, Verifier } from "@adaedl/core";
import { type CostModel, verdictMs } from "./cost-model.ts";

/** Time that passes only where the cost model says so: the same on every machine. */
export interface VirtualClock {
  /** Milliseconds. */
  now(): number;
  /** Rounds the verifier was asked for: the later tokens of a plain run are not. */
  readonly numAsked: number;
  /** The same drafter, taking the time the cost model gives it. */
  drafter(drafter: Drafter): Drafter;
  verifier(verifier: Verifier): Verifier;
}

export function createVirtualClock(costs: CostModel): VirtualClock {
  let nowMs = 0;
  let numAsked = 0;
  return {
    now: () => nowMs,
    get numAsked() {
      return numAsked;
    },
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
          if (isAsked) numAsked++;
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
