/** What draft forwards cost: running estimates. */
export interface DraftCosts {
  /** Milliseconds of a forward for one place; undefined until one was timed. */
  readonly forwardMs: number | undefined;
  /** Time of one more place in a forward, as a share of `forwardMs`. */
  readonly branchCost: number;
  /** @param numPlaces of the forward, 1 or more */
  observe(numPlaces: number, ms: number): void;
}

/** Half-life of some 35 forwards: the machine may get other work. */
const forgetting = 0.98;
/** Of the built-in draft model; counts as much as `imaginedPlaces` further places that were timed. */
const imaginedBranchCost = 0.3;
const imaginedPlaces = 5;
/** A forward that takes longer than so many times what was expected computed a prompt, or was held up. */
const longestSurprise = 3;

/**
 * Least squares of the time on the number of places, old forwards fading:
 * ms = forwardMs * (1 + branchCost * (numPlaces - 1)). A place comes with its masks, where the model drafts in
 * parallel: a forward for one place yields several then.
 */
export function createDraftCosts(): DraftCosts {
  const sums = { forwards: 0, others: 0, othersSquared: 0, ms: 0, othersMs: 0 };

  /** Solves for the forward and the place; the prior draws the latter to its share of the former. */
  function solve(): { readonly forwardMs: number; readonly placeMs: number } {
    const forwards = sums.forwards + imaginedPlaces * imaginedBranchCost ** 2;
    const others = sums.others - imaginedPlaces * imaginedBranchCost;
    const othersSquared = sums.othersSquared + imaginedPlaces;
    const determinant = forwards * othersSquared - others ** 2;
    return {
      forwardMs: (othersSquared * sums.ms - others * sums.othersMs) / determinant,
      placeMs: (forwards * sums.othersMs - others * sums.ms) / determinant,
    };
  }

  return {
    get forwardMs() {
      return sums.forwards === 0 ? undefined : Math.max(0, solve().forwardMs);
    },
    get branchCost() {
      if (sums.ms === 0) return imaginedBranchCost;
      const { forwardMs, placeMs } = solve();
      return forwardMs > 0 ? Math.min(1, Math.max(0, placeMs / forwardMs)) : 1;
    },
    observe(numPlaces, ms) {
      const others = numPlaces - 1;
      const { forwardMs, placeMs } = solve();
      const expectedMs = forwardMs + placeMs * others; // NaN before the first one
      const usualMs = expectedMs > 0 ? Math.min(ms, longestSurprise * expectedMs) : ms;
      const added = {
        forwards: 1,
        others,
        othersSquared: others ** 2,
        ms: usualMs,
        othersMs: others * usualMs,
      };
      for (const name of Object.keys(sums) as (keyof typeof sums)[])
        sums[name] = forgetting * sums[name] + added[name];
    },
  };
}
