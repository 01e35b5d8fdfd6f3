import { decode, longestDraftLength, type StoppingPolicy } from "@adaedl/core";
import type { CostModel } from "./cost-model.ts";
import type { Performance } from "./performance.ts";
import { type ClockedRound, createVirtualClock } from "./virtual-clock.ts";

/** What a policy made of a workload. */
export interface PlayResult {
  readonly durationMs: number;
  readonly numTokens: number;
  readonly numDrafted: number;
  readonly numAccepted: number;
  readonly numRoundTrips: number;
  readonly numForwards: number;
  readonly rounds: readonly ClockedRound[];
}

export interface PlayOptions {
  readonly costs: CostModel;
  /** Makes the policy of each text in turn. */
  readonly createPolicy: () => StoppingPolicy;
  /** Longest draft of a round, whatever the policy wants. */
  readonly maxDraftLength?: number | undefined;
}

/**
 * Decodes one text after the other by the round loop that production runs, on a clock that passes as
 * the cost model says.
 */
export async function play(
  performances: readonly Performance[],
  { costs, createPolicy, maxDraftLength = longestDraftLength }: PlayOptions,
  signal: AbortSignal,
): Promise<PlayResult> {
  const clock = createVirtualClock(costs);
  const totals = { numTokens: 0, numDrafted: 0, numAccepted: 0, numForwards: 0 };
  for (const performance of performances) {
    await using models = await performance.open(signal);
    const { promptTokenIds, numTokens } = performance;
    const events = decode(
      {
        promptTokenIds,
        maxTokens: numTokens,
        contextLength: promptTokenIds.length + numTokens,
        maxDraftLength: Math.min(maxDraftLength, performance.maxDraftLength),
        stopTokenIds: new Set(),
        stopStrings: [],
      },
      {
        drafter: clock.drafter(models.drafter),
        verifier: clock.verifier(models.verifier),
        policy: createPolicy(),
        now: clock.now,
      },
      signal,
    );
    for await (const event of events) {
      if (event.type === "token") totals.numTokens++;
      else {
        totals.numDrafted += event.statistics.numDrafted;
        totals.numAccepted += event.statistics.numAccepted;
        totals.numForwards += event.statistics.numRounds;
      }
    }
  }
  const numRoundTrips = clock.rounds.filter(({ isAsked }) => isAsked).length;
  return { ...totals, durationMs: clock.now(), numRoundTrips, rounds: clock.rounds };
}
