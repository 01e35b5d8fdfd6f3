import type { DecoderSpec } from "@adaedl/model";
import type { GraphBuilder, Value, WeightPlan } from "@adaedl/model/onnx";

/** A computed value, and how its gradient goes back. */
export interface Differentiable {
  readonly value: Value;
  /**
   * Writes the nodes that turn the gradient of the value into the gradient of its input, and collects the gradients of
   * the weights in between.
   */
  backward(gradient: Value): Value;
}

/** Gradients of weights. */
export type Gradients = Map<string, Value>;

/** Adds a gradient to what is there already, for weights that are used twice. */
export function collect(graph: GraphBuilder, gradients: Gradients, name: string, gradient: Value) {
  const other = gradients.get(name);
  gradients.set(name, other === undefined ? gradient : graph.node("Add", [other, gradient]));
}

/** The operators with weights. Values are [rows, size]; nodes of the backward pass are written when it is asked for. */
export interface Operators {
  readonly graph: GraphBuilder;
  readonly weight: (name: string) => Value;
  readonly gradients: Gradients;
  /** value W^T + b, with the bias that the plan has. */
  linear(value: Value, name: string): Differentiable;
  /** value / rms(value) * w, over rows of `size` numbers. */
  norm(value: Value, name: string): Differentiable;
}

/** @param weight the graph's name of a weight */
export function differentiableOperators(
  graph: GraphBuilder,
  { rmsNormEps }: DecoderSpec,
  plan: WeightPlan,
  weight: (name: string) => Value,
): Operators {
  const gradients: Gradients = new Map();
  const add = (name: string, gradient: Value) => collect(graph, gradients, name, gradient);
  const sumRows = (value: Value) =>
    graph.node("ReduceSum", [value, graph.ints(0)], { keepdims: 0 });
  const meanOf = (value: Value) => graph.node("ReduceMean", [value, graph.ints(-1)]);

  return {
    ...{ graph, weight, gradients },
    linear(value, name) {
      const [matrix, bias] = [`${name}.weight`, `${name}.bias`];
      const hasBias = plan.has(bias);
      const inputs = [value, weight(matrix), ...(hasBias ? [weight(bias)] : [])];
      return {
        value: graph.node("Gemm", inputs, { transB: 1 }),
        backward(gradient) {
          add(matrix, graph.node("Gemm", [gradient, value], { transA: 1 }));
          if (hasBias) add(bias, sumRows(gradient));
          return graph.node("Gemm", [gradient, weight(matrix)]);
        },
      };
    },
    norm(value, name) {
      const meanSquare = meanOf(graph.node("Mul", [value, value]));
      const rms = graph.node("Sqrt", [graph.node("Add", [meanSquare, graph.float(rmsNormEps)])]);
      const inverse = graph.node("Reciprocal", [rms]);
      const normed = graph.node("Mul", [value, inverse]);
      return {
        value: graph.node("Mul", [normed, weight(name)]),
        backward(gradient) {
          add(name, sumRows(graph.node("Mul", [gradient, normed])));
          const scaled = graph.node("Mul", [gradient, weight(name)]);
          const along = meanOf(graph.node("Mul", [scaled, normed]));
          const across = graph.node("Sub", [scaled, graph.node("Mul", [normed, along])]);
          return graph.node("Mul", [inverse, across]);
        },
      };
    },
  };
}
