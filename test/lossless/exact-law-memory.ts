import { createTableModel } from "./exact-law-models.ts";
import { createRememberingPolicy } from "./exact-law-policies.ts";

const first = [1, 0];
const even = [0.5, 0.5];

/**
 * Two models and a policy made for each other's ruin. The first guess (position 2) is refused half
 * of the time. By then the draft has guessed position 4 too, and what it guessed there shows in the
 * entropy at position 5, from which the policy decides whether the next round drafts position 4
 * again. If that second draft met the same noise, the draft would only ever be asked when it
 * guesses 0.
 */
export const memorySession = {
  target: createTableModel(({ length }) =>
    length === 2 ? even : length === 4 ? [0.8, 0.2] : first,
  ),
  draft: createTableModel((tokenIds) => {
    if (tokenIds.length === 4) return even;
    return tokenIds.length === 5 && tokenIds[4] === 0 ? even : first;
  }),
  policy: () => createRememberingPolicy(5),
  end: { numTokens: 6 },
};
