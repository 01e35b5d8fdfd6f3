import { longestDraftLength } from "@adaedl/core";
import { createFairShares } from "./fair-shares.ts";

/** How much one step may hold. */
export interface StepLimits {
  /** Tokens of all sessions together; a single session may exceed it. */
  readonly maxTokens: number;
  /** Sessions. */
  readonly maxSlots: number;
}

export const defaultStepLimits: StepLimits = { maxTokens: 512, maxSlots: 32 };

/** In whose name a forward is asked for. */
export interface StepCaller {
  /** Who pays: the model's time is shared equally among clients. */
  readonly client: string;
  /** Until when its session is of use, as `performance.now()` counts; infinite where nobody said. */
  readonly deadlineAt: number;
}

/** The properties that decide a call's turn. */
export interface StepCall extends StepCaller {
  readonly numTokens: number;
  readonly numSlots: number;
  /** Whether nothing is read after it: a piece of a prompt, however short. */
  readonly isPiece?: boolean;
}

/** What bounds one step. */
export interface StepBounds {
  readonly maxTokens?: number | undefined;
  /** Tokens of pieces of prompts. The first call, whatever it is, may exceed it. */
  readonly maxPieceTokens?: number | undefined;
  /** Clients that wait for a later step: what they were given is not forgotten. */
  readonly others?: readonly string[] | undefined;
}

/** Decides what shares a step. */
export interface StepFormer {
  /**
   * Takes the calls of the next step out of those that wait; at least one, if any does.
   * @param waiting in the order they came in; what is left of them stays so
   * @param bounds below the limits, where a step of that many tokens would take too long
   */
  take<Call extends StepCall>(waiting: Call[], bounds?: StepBounds): Call[];
}

/** Tokens of the longest round: the last committed tokens and a whole draft. Prompts are longer. */
const longestRound = longestDraftLength + 2;

/** Steps for each client that waits, that the call which has waited longest of all is passed over. */
const patience = 4;

/**
 * Equal shares for clients, counted in tokens; what a client does not want is there for the others.
 *
 * A step begins with the call that has waited longest of the client that was given least, whatever its
 * size, so that no call is too large to be taken. Then calls are taken while they fit, always of the
 * client that was given least so far; of a client's own, rounds before pieces of prompts, then the
 * earliest deadline first, then in the order they came in. (To begin with the call that has waited
 * longest of all would give half of each step to the client with the longest queue of prompts.)
 */
export function createStepFormer({ maxTokens: limit, maxSlots }: StepLimits): StepFormer {
  const shares = createFairShares();
  let oldest: StepCall | undefined;
  let numPassed = 0;

  function firstOf<Call extends StepCall>(waiting: readonly Call[]): Call | undefined {
    numPassed = waiting[0] === oldest ? numPassed + 1 : 0;
    oldest = waiting[0];
    // A client with more than its share, because its small calls fit where the others' do not, may
    // never be the one that was given least; its largest call would wait for ever.
    if (numPassed >= patience * clientsOf(waiting).size) return waiting[0];
    let first = waiting[0];
    let lowest = Number.POSITIVE_INFINITY;
    for (const call of waiting) {
      const count = shares.countOf(call.client);
      if (count >= lowest) continue;
      first = call;
      lowest = count;
    }
    return first;
  }

  /**
   * The order in which one call after the other is taken of the client with the lowest count: that of
   * the calls' start tags, which are what their clients will have been given before them.
   */
  function fairOrder<Call extends StepCall>(calls: readonly Call[]): Call[] {
    const counts = new Map<string, number>();
    const tagged = calls.toSorted(byUrgency).map((call) => {
      const startTag = counts.get(call.client) ?? shares.countOf(call.client);
      counts.set(call.client, startTag + call.numTokens);
      return { call, startTag };
    });
    return tagged.sort((a, b) => a.startTag - b.startTag).map(({ call }) => call);
  }

  return {
    take(waiting, { maxTokens = limit, maxPieceTokens = maxTokens, others = [] } = {}) {
      const first = firstOf(waiting);
      if (first === undefined) return [];
      const taken = new Set([first]);
      let { numTokens, numSlots } = first;
      let numPieceTokens = pieceTokensOf(first);
      shares.charge(first.client, first.numTokens);
      for (const call of fairOrder(waiting.filter((call) => call !== first))) {
        if (numSlots >= maxSlots) break;
        if (numTokens + call.numTokens > maxTokens || numSlots + call.numSlots > maxSlots) continue;
        if (numPieceTokens + pieceTokensOf(call) > maxPieceTokens) continue;
        taken.add(call);
        numTokens += call.numTokens;
        numPieceTokens += pieceTokensOf(call);
        numSlots += call.numSlots;
        shares.charge(call.client, call.numTokens);
      }
      waiting.splice(0, waiting.length, ...waiting.filter((call) => !taken.has(call)));
      shares.settle(new Set([...clientsOf(waiting), ...others]));
      return [...taken];
    },
  };
}

function clientsOf(calls: readonly StepCall[]): Set<string> {
  return new Set(calls.map(({ client }) => client));
}

function byUrgency(a: StepCall, b: StepCall): number {
  if (isPrompt(a) !== isPrompt(b)) return isPrompt(a) ? 1 : -1;
  return a.deadlineAt < b.deadlineAt ? -1 : Number(a.deadlineAt > b.deadlineAt);
}

function pieceTokensOf({ isPiece, numTokens }: StepCall): number {
  return isPiece === true ? numTokens : 0;
}

function isPrompt({ numTokens, isPiece }: StepCall): boolean {
  return isPiece === true || numTokens > longestRound;
}
