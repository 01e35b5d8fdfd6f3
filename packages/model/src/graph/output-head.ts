import type { DecoderSpec } from "../directory/decoder-spec.ts";
import type { GraphBuilder, Value } from "../onnx/graph-builder.ts";
import { dataTypes } from "../onnx/schema.ts";
import { graphInputs, graphOutputs, maxTop } from "./graph-io.ts";

/**
 * Declares what is read off the logits of the rows asked for. The most probable tokens and the sums behind
 * entropy and logsumexp are computed here: in JavaScript they cost some twenty times as much.
 *
 * @param logits [R, vocabSize]
 */
export function outputHead(graph: GraphBuilder, spec: DecoderSpec, logits: Value): void {
  const { vocabSize } = spec;
  const numTop = Math.min(maxTop, vocabSize);
  const inverseTemperatures = graph.input(graphInputs.inverseTemperatures, "float32", ["R", 1]);
  const [topLogits, topIds] = graph.nodeWithOutputs("TopK", [logits, graph.ints(numTop)], 2, {
    axis: -1,
    largest: 1,
    sorted: 1,
  }) as [Value, Value];

  // With d = (logit - peak) / T the reader gets logsumexp = peak / T + ln sum(e^d) and
  // H = ln sum(e^d) - sum(d e^d) / sum(e^d). The logarithm is left to the reader: here it would be
  // rounded differently for different numbers of rows.
  const lastAxis = graph.ints(-1);
  const scaled = graph.node("Mul", [logits, inverseTemperatures]);
  const peak = graph.node("ReduceMax", [scaled, lastAxis], { keepdims: 1 });
  const distance = graph.node("Sub", [scaled, peak]);
  const weight = graph.node("Exp", [distance]);
  const sum = graph.node("ReduceSum", [weight, lastAxis], { keepdims: 1 });
  const product = graph.node("Mul", [distance, weight]);
  const weighted = graph.node("ReduceSum", [product, lastAxis], { keepdims: 1 });

  graph.output(graphOutputs.topLogits, topLogits, "float32", ["R", numTop]);
  const shortIds = graph.node("Cast", [topIds], { to: dataTypes.int32 });
  graph.output(graphOutputs.topIds, shortIds, "int32", ["R", numTop]);
  graph.output(graphOutputs.peak, peak, "float32", ["R", 1]);
  graph.output(graphOutputs.sumExp, sum, "float32", ["R", 1]);
  graph.output(graphOutputs.sumDistanceExp, weighted, "float32", ["R", 1]);
  graph.output(graphOutputs.logits, logits, "float32", ["R", vocabSize]);
}
