import { type DraftingPolicy, parsePolicy } from "@adaedl/core";
import type { GuessSample, RoundSample } from "./cell.ts";
import { play } from "./play.ts";
import type { Repertoire } from "./repertoire.ts";

/** Every first candidate on the true text before it: what acceptance has to do with entropy. */
export function guessSamples({ pair, temperature, tapes = [] }: Repertoire): GuessSample[] {
  return tapes.flatMap(({ places, tokenIds }) =>
    places.map(({ entropy, candidates }, index) => ({
      ...{ pair, temperature, entropy },
      isAccepted: candidates[0]?.tokenId === tokenIds[index],
    })),
  );
}

/** Of no consequence for rounds whose policy does not look at the time. */
const anyCosts = { draftMs: 1, verifyBaseMs: 1, verifyTokenMs: 0, rttMs: 0 };

/** The rounds of the first text under a policy; none of a stream. */
export async function roundSamples(
  { pair, temperature, verification, performances }: Repertoire,
  policySpec: string,
  signal: AbortSignal,
): Promise<RoundSample[]> {
  const policy = parsePolicy(policySpec, { temperature, verification });
  if (policy.family !== "rounds") return [];
  const { stopping } = policy;
  const samples: RoundSample[] = [];
  let position = 0;
  const watched: DraftingPolicy = {
    ...policy,
    stopping: {
      ...stopping,
      observe(outcome) {
        const { numDrafted, numAccepted } = outcome;
        const place = { pair, policy: policySpec, temperature, round: samples.length, position };
        samples.push({ ...place, numDrafted, numAccepted, lambda: stopping.lambda });
        position += numAccepted + 1;
        stopping.observe(outcome);
      },
    },
  };
  const options = { costs: anyCosts, createPolicy: () => watched };
  await play(performances.slice(0, 1), options, signal);
  return samples;
}
