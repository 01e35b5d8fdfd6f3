/** Decides every random choice of one run. */
export interface Chooser {
  /** Index of the branch taken, of branches with these probabilities. */
  choose(probs: readonly number[]): number;
}

export interface Leaf<Outcome> {
  readonly outcome: Outcome;
  /** Product of the probabilities of the branches that lead here. */
  readonly probability: number;
}

/**
 * Runs `run` once for each way its random choices can turn out, depth first. It must make the same
 * choices whenever those before turned out the same.
 */
export async function enumerateChoices<Outcome>(
  run: (chooser: Chooser) => Promise<Outcome>,
): Promise<Leaf<Outcome>[]> {
  const path: { readonly probs: readonly number[]; index: number }[] = [];
  const leaves: Leaf<Outcome>[] = [];
  do {
    let depth = 0;
    let probability = 1;
    const outcome = await run({
      choose(probs) {
        if (depth === path.length) path.push({ probs, index: nextPossible(probs, -1) });
        const { index } = path[depth++] as { index: number };
        probability *= probs[index] as number;
        return index;
      },
    });
    if (depth !== path.length) throw new Error("a run took other choices than the one before");
    leaves.push({ outcome, probability });
  } while (advance(path));
  return leaves;
}

/** Moves to the next leaf; false behind the last. */
function advance(path: { readonly probs: readonly number[]; index: number }[]): boolean {
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    last.index = nextPossible(last.probs, last.index);
    if (last.index >= 0) return true;
    path.pop();
  }
  return false;
}

function nextPossible(probs: readonly number[], after: number): number {
  return probs.findIndex((prob, index) => index > after && prob > 0);
}
