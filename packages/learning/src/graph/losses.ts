import type { DecoderSpec } from "@adaedl/model";
import type { GraphBuilder, Value } from "@adaedl/model/onnx";
import { type LossName, numTopOf, type TrainingShape, trainingInputs } from "./training-io.ts";

/** A loss at each judged position. */
export interface Loss {
  /** [numJudged, 1] */
  readonly value: Value;
  /** By the draft's logits. [numJudged, vocabSize] */
  readonly gradient: Value;
}

/** Least mass outside the top tokens: a sum of float32 probabilities is noise below it. */
const leastRest = 1e-6;

/**
 * @param logits of the draft [numJudged, vocabSize]
 * @param frozenLogits of the draft before training, for `tv-top16` [numJudged, vocabSize]
 */
export function lossOf(
  graph: GraphBuilder,
  name: LossName,
  spec: DecoderSpec,
  { numJudged }: TrainingShape,
  logits: Value,
  frozenLogits: () => Value,
): Loss {
  if (name === "tv-top16") {
    const dims = [numJudged, numTopOf(spec)];
    const topIds = graph.input(trainingInputs.topIds, "int64", dims);
    const topLogprobs = graph.input(trainingInputs.topLogprobs, "float32", dims);
    return totalVariation(graph, anchored(graph, topIds, topLogprobs, frozenLogits()), logits);
  }
  const dims = [numJudged, spec.vocabSize];
  const targetLogits = graph.input(trainingInputs.targetLogits, "float32", dims);
  if (name === "kl") return forwardKl(graph, targetLogits, logits);
  return totalVariation(graph, softmax(graph, targetLogits), logits);
}

/** sum max(q - p, 0); its gradient is q (i - sum q i) with i = 1 where q > p. */
function totalVariation(graph: GraphBuilder, targetProbs: Value, logits: Value): Loss {
  const probs = softmax(graph, logits);
  const zero = graph.float(0);
  const isAbove = graph.node("Greater", [probs, targetProbs]);
  const above = graph.node("Where", [isAbove, probs, zero]);
  const mass = sumOf(graph, above);
  const targetMass = sumOf(graph, graph.node("Where", [isAbove, targetProbs, zero]));
  return {
    value: graph.node("Sub", [mass, targetMass]),
    gradient: graph.node("Sub", [above, graph.node("Mul", [probs, mass])]),
  };
}

/** sum p (log p - log q); its gradient is q - p. */
function forwardKl(graph: GraphBuilder, targetLogits: Value, logits: Value): Loss {
  const targetLogprobs = graph.node("LogSoftmax", [targetLogits], { axis: -1 });
  const targetProbs = graph.node("Exp", [targetLogprobs]);
  const logprobs = graph.node("LogSoftmax", [logits], { axis: -1 });
  const difference = graph.node("Sub", [targetLogprobs, logprobs]);
  return {
    value: sumOf(graph, graph.node("Mul", [targetProbs, difference])),
    gradient: graph.node("Sub", [graph.node("Exp", [logprobs]), targetProbs]),
  };
}

/** The target's top tokens, with the rest of its mass spread as the frozen draft's. [numJudged, vocabSize] */
function anchored(graph: GraphBuilder, topIds: Value, topLogprobs: Value, logits: Value): Value {
  const rest = (ofTop: Value) =>
    graph.node("Max", [
      graph.node("Sub", [graph.float(1), sumOf(graph, ofTop)]),
      graph.float(leastRest),
    ]);
  const topProbs = graph.node("Exp", [topLogprobs]);
  const probs = softmax(graph, logits);
  const draftTop = graph.node("GatherElements", [probs, topIds], { axis: 1 });
  const ratio = graph.node("Div", [rest(topProbs), rest(draftTop)]);
  const tail = graph.node("Mul", [probs, ratio]);
  return graph.node("ScatterElements", [tail, topIds, topProbs], { axis: 1 });
}

function softmax(graph: GraphBuilder, logits: Value): Value {
  return graph.node("Softmax", [logits], { axis: -1 });
}

function sumOf(graph: GraphBuilder, value: Value): Value {
  return graph.node("ReduceSum", [value, graph.ints(-1)]);
}
