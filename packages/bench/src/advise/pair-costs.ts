import type { CostModel } from "../policies/cost-model.ts";

/** What the forwards of a pair take, in milliseconds: a cost model without the network. */
export interface PairCosts extends Omit<CostModel, "rttMs" | "plainMs" | "forwardPriceMs"> {
  readonly plainMs: number;
}

/** Costs that somebody knows, of another machine perhaps; the rest is measured here. */
export type KnownCosts = Partial<Omit<PairCosts, "plainMs">>;

/** Undefined while something has to be measured. A forward without draft tokens takes `verifyBaseMs` where that is known. */
export function costsOf(known: KnownCosts, measured?: PairCosts): PairCosts | undefined {
  const { verifyBaseMs } = known;
  const plain = verifyBaseMs === undefined ? {} : { plainMs: verifyBaseMs };
  const costs = { ...measured, ...known, ...plain };
  return costs.draftMs === undefined || costs.plainMs === undefined
    ? undefined
    : (costs as PairCosts);
}
