import type { DecoderSpec } from "@adaedl/model";
import {
  embeddingName,
  finalNormName,
  GraphBuilder,
  headName,
  type Value,
  type WeightPlan,
} from "@adaedl/model/onnx";
import { decoderLayer, recomputedLayer } from "./decoder-layer.ts";
import { collect, type Differentiable, differentiableOperators } from "./differentiable.ts";
import { lossOf } from "./losses.ts";
import {
  type LossName,
  type TrainingShape,
  trainingInputs,
  trainingOutputs,
} from "./training-io.ts";

/** What a graph computes: the gradients of a loss, or logits of judged positions. */
export type TrainingGraphKind = LossName | "logits";

/**
 * Writes forward and backward pass of a decoder as one ONNX graph. Weights are inputs, their gradients outputs: an
 * optimizer outside changes the arrays where they are. Only judged positions reach the head, which is most of a small
 * model's work.
 *
 * @param plan the tensors of the model, by Hugging Face's names
 * @param recomputesLayers the backward pass computes each layer anew, so that only its input is kept in memory
 * @returns the bytes of a .onnx file
 */
export function buildTrainingGraph(
  spec: DecoderSpec,
  plan: WeightPlan,
  kind: TrainingGraphKind,
  shape: TrainingShape,
  recomputesLayers = false,
): Uint8Array {
  const graph = new GraphBuilder(`${spec.architecture} ${kind}`);
  declareInputs(graph, spec, shape);
  const declareWeights = (nameOf: (name: string) => string) => {
    for (const [name, dims] of plan) graph.input(nameOf(name), "float32", dims);
  };
  declareWeights((name) => name);
  const model = decoder(graph, spec, plan, shape, recomputesLayers, (name) => name);
  const { numJudged } = shape;
  if (kind === "logits") {
    graph.output(trainingOutputs.logits, model.value, "float32", [numJudged, spec.vocabSize]);
    return graph.build();
  }
  const frozenLogits = () => {
    declareWeights(trainingInputs.frozen);
    return decoder(graph, spec, plan, shape, false, trainingInputs.frozen).value;
  };
  const loss = lossOf(graph, kind, spec, shape, model.value, frozenLogits);
  const weights = graph.input(trainingInputs.judgedWeights, "float32", [numJudged, 1]);
  const weighted = graph.node("Mul", [loss.value, weights]);
  const total = graph.node("ReduceSum", [weighted], { keepdims: 0 });
  graph.output(trainingOutputs.loss, total, "float32", []);

  const lookUp = model.backward(loss.gradient);
  const dims = [shape.numRows * shape.length, spec.hiddenSize];
  graph.output(trainingOutputs.lookUpGradient, lookUp, "float32", dims);
  for (const [name, gradient] of model.gradients)
    graph.output(
      trainingOutputs.gradient(name),
      gradient,
      "float32",
      plan.get(name) as readonly number[],
    );
  return graph.build();
}

function declareInputs(graph: GraphBuilder, { headDim }: DecoderSpec, shape: TrainingShape): void {
  const { numRows, length, numJudged } = shape;
  graph.input(trainingInputs.tokenIds, "int64", [numRows * length]);
  graph.input(trainingInputs.cosines, "float32", [numRows, length, headDim / 2]);
  graph.input(trainingInputs.sines, "float32", [numRows, length, headDim / 2]);
  graph.input(trainingInputs.mask, "float32", [length, length]);
  graph.input(trainingInputs.judged, "int64", [numJudged, 1]);
}

/** From token ids to logits of judged positions; its gradient goes back to the looked up embeddings. */
function decoder(
  graph: GraphBuilder,
  spec: DecoderSpec,
  plan: WeightPlan,
  shape: TrainingShape,
  recomputesLayers: boolean,
  weight: (name: string) => Value,
) {
  const operators = differentiableOperators(graph, spec, plan, weight);
  const { gradients } = operators;
  const layers: Differentiable[] = [];
  let hidden = graph.node("Gather", [weight(embeddingName), trainingInputs.tokenIds]);
  const layerOf = recomputesLayers ? recomputedLayer : decoderLayer;
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const computed = layerOf(operators, spec, shape, layer, hidden);
    layers.push(computed);
    hidden = computed.value;
  }
  const judged = graph.node("GatherND", [hidden, trainingInputs.judged]);
  const normed = operators.norm(judged, finalNormName);
  const head = headName(plan);
  return {
    gradients,
    value: graph.node("Gemm", [normed.value, weight(head)], { transB: 1 }),
    /** The weights of judged positions are applied where a row is hiddenSize long, not vocabSize. */
    backward(gradient: Value): Value {
      const weighted = graph.node("Mul", [normed.value, trainingInputs.judgedWeights]);
      collect(graph, gradients, head, graph.node("Gemm", [gradient, weighted], { transA: 1 }));
      const ofNormed = graph.node("Mul", [
        graph.node("Gemm", [gradient, weight(head)]),
        trainingInputs.judgedWeights,
      ]);
      const dims = graph.ints(shape.numRows * shape.length, spec.hiddenSize);
      const zeros = graph.node("ConstantOfShape", [dims]);
      let back = graph.node("ScatterND", [
        ...[zeros, trainingInputs.judged, normed.backward(ofNormed)],
      ]);
      for (const layer of layers.toReversed()) back = layer.backward(back);
      return back;
    },
  };
}
