/** For packages that write further graphs over the same weights. It loads protobuf, which is slow at a start. */
export {
  embeddingName,
  finalNormName,
  headName,
  layerWeightNames,
  type WeightPlan,
} from "./graph/weight-plan.ts";
export { GraphBuilder, type Value } from "./onnx/graph-builder.ts";
