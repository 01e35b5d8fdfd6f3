import type { Cell, Comparison, GuessSample } from "../policies/cell.ts";

export const cell: Cell = {
  pair: "storyteller",
  policy: "none",
  verification: "shared-noise",
  preset: "laptop",
  clock: "virtual",
  rttMs: 20,
  temperature: 0.7,
  tokensPerSecond: 20,
  roundTripsPer100Tokens: 1,
  targetForwardsPer100Tokens: 100,
  numDrafted: 0,
  numAccepted: 0,
  numTokens: 200,
};

export const policies = [
  "none",
  "static:2",
  "static:4",
  "best-static",
  "adaedl",
  "adaedl:gamma=auto",
  "stream",
  "oracle",
];

/** A comparison with something for every plot. */
export function createComparison(rttsMs: readonly number[]): Comparison {
  const cells = [0, 0.7].flatMap((temperature) =>
    rttsMs.flatMap((rttMs) =>
      policies.map((policy, index): Cell => {
        const tokensPerSecond = (1000 + 100 * index) / (50 + rttMs);
        const drafts = { numDrafted: 40 * index, numAccepted: 30 * index };
        const targetForwardsPer100Tokens = 100 - 8 * index;
        return {
          ...cell,
          ...drafts,
          policy,
          rttMs,
          temperature,
          tokensPerSecond,
          targetForwardsPer100Tokens,
        };
      }),
    ),
  );
  const guesses = Array.from({ length: 400 }, (_, index): GuessSample => {
    const entropy = index / 100;
    return { pair: cell.pair, temperature: 0.7, entropy, isAccepted: index % 5 > entropy };
  });
  return { command: "adaedl bench --report out", cells, guesses };
}
