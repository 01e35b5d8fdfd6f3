import type { Place } from "./block-slabs.ts";

/** The part of a session's step that decides its group. */
export interface GroupedStep {
  readonly place: Place;
  /** Blocks of columns, with those of its new tokens. */
  readonly numBlocks: number;
  readonly numTokens: number;
}

/** Sessions that attend as one batch: neighbours in a slab, and the places between them. */
export interface StepGroup<Step extends GroupedStep = GroupedStep> {
  readonly first: Place;
  readonly numPlaces: number;
  /** In the order of their places. */
  readonly steps: readonly Step[];
  /** Blocks that are computed for each place. */
  readonly numBlocks: number;
  /** Rows that are computed for each place. */
  readonly numTokens: number;
}

/** Fixed cost of a group, and of a block, in rows of a block. */
const groupCost = 12;
const blockCost = 8;

/** What a group costs, in rows of a block. */
export function costOf({ numPlaces, numBlocks, numTokens }: StepGroup): number {
  return groupCost + numPlaces * numBlocks * (blockCost + numTokens);
}

/**
 * Cuts the sessions of a forward into groups at the least cost: to compute places in which nothing is to do, or
 * as many rows for all as one has, is worth it where it saves a group.
 */
export function groupSteps<Step extends GroupedStep>(steps: readonly Step[]): StepGroup<Step>[] {
  if (steps.length === 1) return [groupOf(steps)];
  const slabs = new Set(steps.map(({ place }) => place.slab));
  return [...slabs].flatMap((slab) => {
    const neighbours = steps.filter(({ place }) => place.slab === slab);
    return cutAtLeastCost(neighbours.sort((a, b) => a.place.index - b.place.index));
  });
}

/** The best cut of the first n steps is that of the first m, and a group of the rest, for some m. */
function cutAtLeastCost<Step extends GroupedStep>(steps: readonly Step[]): StepGroup<Step>[] {
  const best: { cost: number; groups: StepGroup<Step>[] }[] = [{ cost: 0, groups: [] }];
  for (let end = 1; end <= steps.length; end++) {
    const cuts = best.map(({ cost, groups }, begin) => {
      const group = groupOf(steps.slice(begin, end));
      return { cost: cost + costOf(group), groups: [...groups, group] };
    });
    best.push(cuts.reduce((a, b) => (b.cost < a.cost ? b : a)));
  }
  return best[steps.length]?.groups ?? [];
}

function groupOf<Step extends GroupedStep>(steps: readonly Step[]): StepGroup<Step> {
  const [first, last] = [steps[0], steps.at(-1)] as [Step, Step];
  const numPlaces = last.place.index - first.place.index + 1;
  return {
    first: first.place,
    numPlaces,
    steps,
    // Places are as far apart as they are large; a single one is cut to what is used.
    numBlocks: numPlaces === 1 ? first.numBlocks : first.place.slab.capacity,
    numTokens: Math.max(...steps.map(({ numTokens }) => numTokens)),
  };
}
