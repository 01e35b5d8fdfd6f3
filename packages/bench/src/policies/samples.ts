import { decode, parsePolicy, type StoppingPolicy } from "@adaedl/core";
import type { GuessSample, RoundSample } from "./cell.ts";
import type { Repertoire } from "./repertoire.ts";

/** Every guess on the true text before it: what acceptance has to do with entropy. */
export function guessSamples({ pair, temperature, tapes = [] }: Repertoire): GuessSample[] {
  return tapes.flatMap(({ guesses, tokenIds }) =>
    guesses.map(({ entropy, tokenId }, index) => ({
      ...{ pair, temperature, entropy },
      isAccepted: tokenId === tokenIds[index],
    })),
  );
}

/** The rounds of the first text under a policy. */
export async function roundSamples(
  { pair, temperature, verification, performances }: Repertoire,
  policySpec: string,
  signal: AbortSignal,
): Promise<RoundSample[]> {
  const [performance] = performances;
  if (performance === undefined) return [];
  const policy = parsePolicy(policySpec, { temperature, verification });
  const samples: RoundSample[] = [];
  let position = 0;
  const watched: StoppingPolicy = {
    ...policy,
    observe(outcome) {
      const { numDrafted, numAccepted } = outcome;
      const place = { pair, policy: policySpec, temperature, round: samples.length, position };
      samples.push({ ...place, numDrafted, numAccepted, lambda: policy.lambda });
      position += numAccepted + 1;
      policy.observe(outcome);
    },
  };
  await using models = await performance.open(signal);
  const { promptTokenIds, numTokens, maxDraftLength } = performance;
  const events = decode(
    {
      promptTokenIds,
      maxTokens: numTokens,
      contextLength: promptTokenIds.length + numTokens,
      maxDraftLength,
      stopTokenIds: new Set(),
      stopStrings: [],
    },
    { ...models, policy: watched, now: () => 0 },
    signal,
  );
  for await (const _ of events);
  return samples;
}
