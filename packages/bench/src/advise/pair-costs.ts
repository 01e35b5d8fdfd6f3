import type { CostModel } from "../policies/cost-model.ts";

/** What the forwards of a pair take, in milliseconds: a cost model without the network. */
export interface PairCosts
  extends Omit<CostModel, "rttMs" | "bitsPerMs" | "plainMs" | "forwardPriceMs"> {
  readonly plainMs: number;
}

/** Costs that somebody knows, of another machine perhaps; the rest is measured here. */
export interface KnownCosts {
  readonly draftMs?: number | undefined;
  /** A forward, and each guess in it. */
  readonly verifyMs?: { readonly base: number; readonly perToken: number } | undefined;
}

/** Undefined while something has to be measured. */
export function costsOf(known: KnownCosts, measured?: PairCosts): PairCosts | undefined {
  const draftMs = known.draftMs ?? measured?.draftMs;
  if (draftMs === undefined) return undefined;
  if (known.verifyMs === undefined) return measured && { ...measured, draftMs };
  const { base, perToken } = known.verifyMs;
  return { draftMs, verifyBaseMs: base, verifyTokenMs: perToken, plainMs: base };
}
