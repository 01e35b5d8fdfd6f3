import type { DecoderSpec } from "@adaedl/model";
import { type GraphBuilder, layerWeightNames, type Value } from "@adaedl/model/onnx";
import { attention } from "./attention.ts";
import type { Differentiable, Operators } from "./differentiable.ts";
import type { TrainingShape } from "./training-io.ts";

/** One decoder layer. [B * T, hiddenSize] */
export function decoderLayer(
  operators: Operators,
  spec: DecoderSpec,
  shape: TrainingShape,
  layer: number,
  hidden: Value,
): Differentiable {
  const { graph } = operators;
  const names = layerWeightNames(layer);
  const add = (a: Value, b: Value) => graph.node("Add", [a, b]);

  const attentionInput = operators.norm(hidden, names.attentionNorm);
  const attended = attention(operators, spec, shape, layer, attentionInput.value);
  const projected = operators.linear(attended.value, names.output);
  const middle = add(hidden, projected.value);
  const mlpInput = operators.norm(middle, names.mlpNorm);
  const mlp = gatedMlp(operators, layer, mlpInput.value);

  return {
    value: add(middle, mlp.value),
    backward(gradient) {
      const atMiddle = add(gradient, mlpInput.backward(mlp.backward(gradient)));
      const ofAttention = attended.backward(projected.backward(atMiddle));
      return add(atMiddle, attentionInput.backward(ofAttention));
    },
  };
}

/**
 * The same layer, of which nothing but the input is kept: the backward pass computes it again.
 *
 * Its input is made to depend on the gradient: otherwise onnxruntime would merge the second computation with the first.
 * The gradient that leaves it is made to depend on the gradients of its weights: otherwise onnxruntime would compute those
 * last, and keep the whole layer until then.
 */
export function recomputedLayer(
  operators: Operators,
  spec: DecoderSpec,
  shape: TrainingShape,
  layer: number,
  hidden: Value,
): Differentiable {
  const { graph, gradients } = operators;
  const { value } = decoderLayer(operators, spec, shape, layer, hidden);
  return {
    value,
    backward(gradient) {
      const known = new Set(gradients.keys());
      const again = decoderLayer(operators, spec, shape, layer, after(graph, hidden, [gradient]));
      const back = again.backward(gradient);
      const own = [...gradients].flatMap(([name, value]) => (known.has(name) ? [] : [value]));
      return after(graph, back, own);
    },
  };
}

/** The same value, once all of `others` are computed. They must be finite numbers. */
function after(graph: GraphBuilder, value: Value, others: readonly Value[]): Value {
  const firsts = others.map((other) => {
    const flat = graph.node("Reshape", [other, graph.ints(-1)]);
    return graph.node("Gather", [flat, graph.ints(0)]);
  });
  const nothing = graph.node("Mul", [graph.node("Sum", firsts), graph.float(0)]);
  return graph.node("Add", [value, nothing]);
}

/** SwiGLU: down(silu(gate(x)) * up(x)). */
function gatedMlp(operators: Operators, layer: number, input: Value): Differentiable {
  const { graph } = operators;
  const names = layerWeightNames(layer);
  const mul = (a: Value, b: Value) => graph.node("Mul", [a, b]);

  const gate = operators.linear(input, names.gate);
  const up = operators.linear(input, names.up);
  const sigmoid = graph.node("Sigmoid", [gate.value]);
  const silu = mul(gate.value, sigmoid);
  const down = operators.linear(mul(silu, up.value), names.down);
  return {
    value: down.value,
    backward(gradient) {
      const product = down.backward(gradient);
      const ofUp = up.backward(mul(product, silu));
      // silu' = sigmoid + silu (1 - sigmoid)
      const rest = graph.node("Sub", [graph.float(1), sigmoid]);
      const slope = graph.node("Add", [sigmoid, mul(silu, rest)]);
      const ofGate = gate.backward(mul(mul(product, up.value), slope));
      return graph.node("Add", [ofGate, ofUp]);
    },
  };
}
