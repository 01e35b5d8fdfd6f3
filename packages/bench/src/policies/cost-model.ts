import type { PlayResult } from "./play.ts";

/** What hardware and network cost, in milliseconds: what the virtual clock accounts. */
export interface CostModel {
  /** A forward of the draft model for one place. */
  readonly draftMs: number;
  /** A further place in it, as a share of `draftMs`; absent: that of the built-in draft models. */
  readonly branchCost?: number | undefined;
  /** A mask that is read along, likewise; absent: as a further place. */
  readonly maskCost?: number | undefined;
  /** One target forward, whatever it verifies. */
  readonly verifyBaseMs: number;
  /** And for each draft token in it. */
  readonly verifyTokenMs: number;
  /** A forward without draft tokens, where it is known to take another time than `verifyBaseMs`. */
  readonly plainMs?: number | undefined;
  /** What the verifier's `--forward-price-ms` says; absent: 0. */
  readonly forwardPriceMs?: number | undefined;
  readonly rttMs: number;
}

const usualBranchCost = 0.3;

/**
 * Of one draft forward.
 * @param numPlaces expanded in the forward, 1 or more
 * @param numMasks read along with all of them
 */
export function draftForwardMs(
  { draftMs, branchCost = usualBranchCost, maskCost = branchCost }: CostModel,
  numPlaces: number,
  numMasks = 0,
): number {
  return draftMs * (1 + branchCost * (numPlaces - 1) + maskCost * numMasks);
}

/** @param numDrafted draft tokens in the forward */
export function forwardMs(
  { verifyBaseMs, verifyTokenMs, plainMs = verifyBaseMs }: Omit<CostModel, "rttMs">,
  numDrafted: number,
): number {
  return numDrafted === 0 ? plainMs : verifyBaseMs + verifyTokenMs * numDrafted;
}

/**
 * What rounds take, where none of them was chosen by what the others took.
 * @param draftLengths draft tokens in each of their forwards
 */
export function roundsMs(
  {
    draftLengths,
    numDraftForwards,
    numMasks,
  }: Pick<PlayResult, "draftLengths" | "numDraftForwards" | "numMasks">,
  costs: CostModel,
): number {
  const masksMs = draftForwardMs(costs, 1, numMasks) - draftForwardMs(costs, 1);
  let ms = numDraftForwards * costs.draftMs + masksMs;
  for (const length of draftLengths) ms += costs.rttMs + forwardMs(costs, length);
  return ms;
}
