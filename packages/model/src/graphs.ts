/** What a model's thread needs: no tokenizer, which it would have to load for itself. */
export type { DecoderSpec } from "./directory/decoder-spec.ts";
export { findModelSource, type OnnxExportSource } from "./directory/model-source.ts";
export {
  columnBlock,
  type GraphKind,
  graphInputs,
  graphKinds,
  graphOutputs,
  groupCounts,
  maskedOut,
  maxTop,
} from "./graph/graph-io.ts";
export { type PreparedGraph, prepareGraph } from "./graph/prepare-graph.ts";
export type { WeightPacker } from "./graph/weight-packing.ts";
export { leastPackedBytes } from "./graph/weight-sizes.ts";
