/** What writes further graphs over the same weights: it loads protobuf, which takes its time at a start. */
export {
  embeddingName,
  finalNormName,
  headName,
  layerWeightNames,
  type WeightPlan,
} from "./graph/weight-plan.ts";
export { GraphBuilder, type Value } from "./onnx/graph-builder.ts";
