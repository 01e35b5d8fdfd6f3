import type { CostModel } from "./cost-model.ts";

/** Hardware whose costs are known or can be reckoned: the network is chosen apart from it. */
export interface Preset {
  readonly name: string;
  /** Where the figures come from. */
  readonly source: string;
  readonly costs: Omit<CostModel, "rttMs">;
}

/**
 * A decoder of one sequence reads all its weights for each token, so that a forward takes at least their
 * bytes over the memory's bandwidth; in practice about twice that for small models.
 */
export const presets: readonly Preset[] = [
  {
    name: "paper",
    source:
      "arXiv 2410.18351, one A100, both models on it: plain decoding at 25.7 tokens/s (table 1, CNN-DM) is 39 ms a forward; 4 ms a draft token fits its static rows for 3, 7 and 16 to about 8 %",
    costs: { draftMs: 4, verifyBaseMs: 39, verifyTokenMs: 0 },
  },
  {
    name: "edge-board",
    source:
      "reckoned: a draft of 0.5 G parameters in 16 bits over the 68 GB/s of a Jetson Orin Nano is 15 ms, about 25 in practice; a mask adds arithmetic alone, 1 GFLOP, at a third of 10 TFLOPS 0.3 ms; a target of 30 ms a forward in the cloud",
    costs: { draftMs: 25, maskCost: 0.02, verifyBaseMs: 30, verifyTokenMs: 1 },
  },
  {
    name: "laptop",
    source:
      "reckoned: the same draft in 8 bits over the 150 GB/s of a laptop with unified memory is 3.5 ms, about 6 in practice; the same target",
    costs: { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1 },
  },
  {
    name: "rack",
    source:
      "reckoned: the same draft in 16 bits over the 864 GB/s of a small GPU in the same rack is 1.2 ms, about 3 with launches; the same target",
    costs: { draftMs: 3, verifyBaseMs: 30, verifyTokenMs: 0.5 },
  },
];
